"""The words of duties that go to another person."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.accountability.transfers.rules import Kind, Whereabouts

REFUSALS: Mapping[str, LazyString] = {
    "transfers.nothing_chosen": _l("Tick at least one duty."),
    "transfers.nobody_named": _l("Choose who does the ticked duties from now on."),
}

KINDS: Mapping[str, LazyString] = {
    Kind.EXPLANATION: _l("explanation of their own delay"),
    Kind.FOR_UNIT: _l("explanation written for another or for the unit"),
    Kind.SUPPLEMENT: _l("supplementary explanation"),
    Kind.LETTER: _l("drafting the letter of apology"),
    Kind.VIOLATION: _l("answer to a violation or complaint"),
    Kind.QUESTION: _l("following up a question to another body"),
}

WHERE: Mapping[str, LazyString] = {
    Whereabouts.HERE: _l("works here"),
    Whereabouts.ELSEWHERE: _l("works in another unit"),
    Whereabouts.GONE: _l("holds no posting any more"),
}
