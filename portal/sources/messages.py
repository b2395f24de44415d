"""The words of sources: what kind of system, what a status means, which fact a column holds, how they say no."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.cases.labels import CHANNELS
from portal.cases.rules import Meaning
from portal.sources.rules import CHANNELS as CHANNELS_PART
from portal.sources.rules import COLUMNS, MEANINGS, Difference, SourceKind

KINDS: Mapping[SourceKind, LazyString] = {
    SourceKind.IGATE: _l("iGate one-stop system"),
    SourceKind.VNPT: _l("VNPT one-stop system"),
    SourceKind.VIETTEL: _l("Viettel one-stop system"),
    SourceKind.SECTOR: _l("system of a sector"),
    SourceKind.NGSP: _l("national or provincial exchange (NGSP, LGSP)"),
    SourceKind.OTHER: _l("another system"),
}

MEANING_WORDS: Mapping[Meaning, LazyString] = {
    Meaning.NOT_COUNTED: _l("not counted"),
    Meaning.OPEN: _l("in progress"),
    Meaning.PAUSED: _l("paused"),
    Meaning.WITHDRAWN: _l("withdrawn by the applicant"),
    Meaning.REFUSED: _l("refused by a written result"),
    Meaning.FINISHED: _l("finished with a result"),
}

FACTS: Mapping[str, LazyString] = {
    "code": _l("Case code"),
    "procedure_code": _l("Code of the procedure"),
    "procedure": _l("Name of the procedure"),
    "procedure_field": _l("Field of the procedure"),
    "applicant": _l("Applicant"),
    "subject": _l("Subject"),
    "channel": _l("Channel"),
    "received": _l("Received"),
    "due": _l("Due"),
    "finished": _l("Finished"),
    "returned": _l("Handed back"),
    "status": _l("Status"),
    "receiving_unit": _l("Receiving unit"),
    "unit": _l("Resolving unit"),
    "officer": _l("Responsible officer"),
    "result_number": _l("Number of the result"),
    "result_file": _l("File of the result"),
    "supplement_asked": _l("Supplement asked for"),
    "supplement_done": _l("Supplement received"),
}
"""What a column of a case list can hold, by the name mappings keep."""

PARTS: Mapping[str, LazyString] = {
    COLUMNS: _l("Column"),
    MEANINGS: _l("Status"),
    CHANNELS_PART: _l("Channel"),
}

REFUSALS: Mapping[str, LazyString] = {
    "sources.name_taken": _l("Another source is called %(name)s. Every source has a name of its own."),
    "sources.nothing_changed": _l("Nothing was changed, so no new version was made."),
    "sources.out_of_use": _l(
        "The source %(name)s was put out of use and takes no further file. An administrator can put it to use again."
    ),
}


def meaning_word(meaning: str | None) -> str:
    """What a status means, in words; a dash where nobody has said it."""
    return str(MEANING_WORDS[Meaning(meaning)]) if meaning else "–"


def channel_word(channel: str | None) -> str:
    """A channel in words; a dash where nobody has said it."""
    return str(CHANNELS.get(channel, channel)) if channel else "–"


def fact_word(fact: str) -> str:
    """What a column holds, in words; a fact of a later version stands for itself."""
    return str(FACTS.get(fact, fact))


def told(one: Difference) -> tuple[str, str, str, str]:
    """A difference as words: which part, which entry, before, after."""
    if one.part == COLUMNS:
        return str(PARTS[one.part]), fact_word(one.key), one.old or "–", one.new or "–"
    word = meaning_word if one.part == MEANINGS else channel_word
    return str(PARTS[one.part]), one.key, word(one.old), word(one.new)
