"""The letters of apology that wait on the desks of a viewer, and the new dates that were promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.accountability.apologies.actions import term_of_letters
from portal.accountability.apologies.queries import Desk, OnDesk
from portal.desk.duties import Duty, tone_of

LETTER_DESKS = (Desk.TO_SIGN, Desk.TO_DRAFT, Desk.TO_NUMBER, Desk.TO_SEND)
NOTHING = OnDesk()


def duties_of_letters(found: Mapping[Desk, OnDesk], today: date, opens_at: str) -> Iterator[Duty]:
    """One line a desk with the last day on which its oldest letter is in time; then missed and coming promises.

    ``opens_at``: when policy opens the duty of a letter.
    """
    back = found.get(Desk.RETURNED, NOTHING)
    yield Duty(
        back.count,
        ngettext("letter of apology that was sent back", "letters of apology that were sent back", back.count),
        url_for("apologies.index", desk=Desk.RETURNED.value), "today",
        _("What must be changed stands above the letter; the citizen waits."), _("Draft letters"),
    )  # fmt: skip
    yield from _steps(found, opens_at)
    missed, promised = found.get(Desk.MISSED, NOTHING), found.get(Desk.PROMISED, NOTHING)
    yield Duty(
        missed.count,
        ngettext("new date that was promised missed", "new dates that were promised missed", missed.count),
        url_for("apologies.index", desk=Desk.MISSED.value), "late",
        _("The citizen was promised a day and it has gone by; no second new date is possible."), _("See the cases"),
    )  # fmt: skip
    yield Duty(
        promised.count,
        ngettext("new date promised, case still open", "new dates promised, cases still open", promised.count),
        url_for("apologies.index", desk=Desk.PROMISED.value), tone_of(promised.promised, today),
        _("The day stands in the letter to the citizen: finish the case by then."), _("See the cases"),
        promised.promised,
    )  # fmt: skip


def _steps(found: Mapping[Desk, OnDesk], opens_at: str) -> Iterator[Duty]:
    sign, draft, number, send = (found.get(desk, NOTHING).count for desk in LETTER_DESKS)
    words = (
        ngettext("letter of apology to sign", "letters of apology to sign", sign),
        ngettext("letter of apology to draft", "letters of apology to draft", draft),
        ngettext("signed letter to number", "signed letters to number", number),
        ngettext("numbered letter to send", "numbered letters to send", send),
    )
    then = (
        _("The citizen gets it only after it is numbered and sent."),
        _("It does not wait for the conclusion."),
        _("The number is of the unit's register of this year."),
        _("Say how and when it was sent."),
    )
    actions = (_("Sign letters"), _("Draft letters"), _("Give numbers"), _("Send letters"))
    for desk, said, otherwise, action in zip(LETTER_DESKS, words, then, actions, strict=True):
        on_desk = found.get(desk, NOTHING)
        url = url_for("apologies.index", desk=desk.value)
        yield Duty(on_desk.count, said, url, "plain", otherwise, action, term_of_letters(on_desk, opens_at))
