"""PURE: data rows become typed drafts of cases, or are rejected with a reason (domain rules, facts in)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from portal.cases.rules import ENDED_MEANINGS, OPEN_MEANINGS, Meaning
from portal.imports.header import Cell
from portal.imports.listing import Listed, text_of
from portal.imports.meanings import channel_of, meaning_of
from portal.imports.moments import Moment, MomentReader, Reading, is_after
from portal.imports.rules import DONE_MOMENTS, MOMENTS, DateOrder, Fact, Remark

LONGEST_CODE = 100
LONGEST = {
    Fact.APPLICANT: 300,
    Fact.OFFICER: 200,
    Fact.STATUS: 200,
    Fact.PROCEDURE_FIELD: 300,
    Fact.PROCEDURE_CODE: 100,
}
LARGEST_EXACT = 10**15
"""Numbers from here on have lost digits in a spreadsheet: such a code is not the code of any case."""
EXPONENT = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
ABOUT_DATES = frozenset(
    {"bad_date", "future", "due_before_received", "finished_before_received", "finished_after_as_of"}
)
LAST_SECOND = time(23, 59, 59)
PERSONAL_NUMBER = re.compile(
    r"[\s,;(\[-]*(?:(?:số\s+)?(?:CCCD|CMND|CMT|căn cước|định danh(?: cá nhân)?|SĐT|ĐT|điện thoại)\s*[:.]?\s*)?"
    r"\b\d[\d .]{7,14}\d\b[)\]]?",
    re.IGNORECASE,
)
UNKNOWN_END = "end_moment_unknown"
OPEN_WITH_END = "open_with_end"


@dataclass(frozen=True, slots=True)
class Draft:
    """One accepted row: texts of its facts, its moments, and what its status means. Not yet tied to the directory."""

    row: int
    code: str
    texts: Mapping[Fact, str]
    moments: Mapping[Fact, Moment | None]
    meaning: Meaning
    data_fault: str | None
    end: Moment | None
    end_from: str | None

    def text(self, fact: Fact) -> str:
        """The text of a fact; empty where the file has none."""
        return self.texts.get(fact, "")


@dataclass(slots=True)
class Checked:
    """What the rows of a file are, before the directory and the database are asked."""

    data_as_of: datetime
    facts: frozenset[Fact]
    headings: Mapping[Fact, str]
    drafts: list[Draft] = field(default_factory=list)
    repeated: int = 0
    rejected: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    """Every code of the file, of rejected rows too: none of these is missing from a full extract."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken, and which fact shows it."""

    fact: Fact
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def check(
    listed: Listed,
    *,
    now: datetime,
    as_of: datetime | None = None,
    order: DateOrder = DateOrder.DAY_FIRST,
    meanings: Mapping[str, str] | None = None,
) -> Checked:
    """Check all rows of a list.

    ``now``: the real Vietnam wall time; a past moment later than it is impossible. ``as_of``: the moment of the data;
    None takes the newest received, finished or returned moment in the file. ``meanings``: the source's own statuses.
    """
    facts = listed.facts
    headings = {fact: listed.header.heading_of(fact) or fact.value for fact in facts}
    rows = _read_rows(listed, MomentReader())
    moment = as_of or _newest(rows, now, order) or now
    checked = Checked(moment, frozenset(facts), headings)
    repeats = _repeats(rows, order)
    limits = _Limits(now, moment, as_of is not None)
    faults = {row.number: fault for row in rows if (fault := row_fault(row, order, limits)) is not None}
    if order is DateOrder.DAY_FIRST:
        _doubt(rows, faults, limits)
    for row in rows:
        checked.codes.add(row.code)
        fault = repeats.get(row.number)
        if fault is None or fault is _SAME:
            fault = faults.get(row.number, fault)
        if fault is _SAME:
            checked.repeated += 1
        elif fault is not None:
            checked.rejected.append(_remark(row, fault, headings))
        else:
            draft = _draft(row, order, meanings)
            checked.drafts.append(draft)
            checked.warnings.extend(_warnings(draft, row, headings, checked.data_as_of, meanings))
    checked.codes.discard("")
    return checked


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row with its cells read but not judged."""

    number: int
    code: str
    cells: Mapping[Fact, Cell]
    readings: Mapping[Fact, Reading]


@dataclass(frozen=True, slots=True)
class _Limits:
    now: datetime
    as_of: datetime
    is_given: bool


_SAME = Fault(Fact.CODE, "same_row")


def _read_rows(listed: Listed, reader: MomentReader) -> list[RawRow]:
    facts = listed.facts
    moments = [(place, fact) for place, fact in enumerate(facts) if fact in MOMENTS]
    code_at = facts.index(Fact.CODE)
    rows = []
    for number, cells in listed.rows:
        readings = {fact: reader.read(cells[place]) for place, fact in moments}
        rows.append(RawRow(number, text_of(cells[code_at]), dict(zip(facts, cells, strict=True)), readings))
    return rows


def _newest(rows: Iterable[RawRow], now: datetime, order: DateOrder) -> datetime | None:
    """The newest moment that had passed when the data were made. A due moment says nothing about that."""
    seen = {reading for row in rows for fact in DONE_MOMENTS if (reading := row.readings.get(fact)) is not None}
    moments = (reading.under(order) for reading in seen)
    return max((moment.at for moment in moments if moment is not None and moment.at <= now), default=None)


# --- the faults of one row


def row_fault(row: RawRow, order: DateOrder, limits: _Limits) -> Fault | None:
    """The first fault of a row on its own."""
    return _code_fault(row) or _moment_fault(row.readings, order, limits)


def _code_fault(row: RawRow) -> Fault | None:
    cell = row.cells[Fact.CODE]
    if not row.code:
        return Fault(Fact.CODE, "empty_code")
    if len(row.code) > LONGEST_CODE:
        return Fault(Fact.CODE, "code_too_long", {"limit": LONGEST_CODE})
    if (isinstance(cell, float) and abs(cell) >= LARGEST_EXACT) or EXPONENT.fullmatch(row.code):
        return Fault(Fact.CODE, "code_mangled")
    return None


def _moment_fault(readings: Mapping[Fact, Reading], order: DateOrder, limits: _Limits) -> Fault | None:
    moments: dict[Fact, Moment | None] = {}
    for fact, reading in readings.items():
        moments[fact] = reading.under(order)
        if moments[fact] is None and not reading.is_blank:
            return Fault(fact, "bad_date")
    return _order_fault(moments, limits)


def _order_fault(moments: Mapping[Fact, Moment | None], limits: _Limits) -> Fault | None:
    received, due = moments.get(Fact.RECEIVED), moments.get(Fact.DUE)
    if received is None:
        return Fault(Fact.RECEIVED, "received_missing")
    now = Moment(limits.now, "minute")
    for fact in DONE_MOMENTS:
        moment = moments.get(fact)
        if moment is not None and is_after(moment, now):
            return Fault(fact, "future")
    if due is not None and is_after(received, due):
        return Fault(Fact.DUE, "due_before_received")
    fact, end = _end(moments)
    if end is None:
        return None
    if is_after(received, end):
        return Fault(fact, "finished_before_received")
    if limits.is_given and is_after(end, Moment(limits.as_of, "minute")):
        return Fault(fact, "finished_after_as_of", {"as_of": f"{limits.as_of:%d/%m/%Y %H:%M}"})
    return None


def _end(moments: Mapping[Fact, Moment | None]) -> tuple[Fact, Moment | None]:
    """The end of processing: the finish, else the return (domain rules, facts in, 2)."""
    finished = moments.get(Fact.FINISHED)
    return (Fact.FINISHED, finished) if finished is not None else (Fact.RETURNED, moments.get(Fact.RETURNED))


def _doubt(rows: Sequence[RawRow], faults: dict[int, Fault], limits: _Limits) -> None:
    """Say of faulty rows that day and month may be exchanged, where reading columns month first would heal them all.

    A column is doubtful only where no row of the file speaks against that order (domain rules, facts in, 12): one
    "16/10/2023" in it settles the matter.
    """
    healed = [row for row in rows if row.number in faults and faults[row.number].reason in ABOUT_DATES]
    columns = [fact for fact in MOMENTS if _may_be_month_first(rows, fact)] if healed else []
    trials = [frozenset({fact}) for fact in columns] + ([frozenset(columns)] if len(columns) > 1 else [])
    for trial in trials:
        others = (row for row in rows if row.number not in faults)
        if all(_is_sound(row, trial, limits) for row in (*healed, *others)):
            for row in healed:
                faults[row.number] = Fault(faults[row.number].fact, "doubtful_date_order")
            return


def _may_be_month_first(rows: Iterable[RawRow], fact: Fact) -> bool:
    """Whether every date text of a column can be read month first, and at least one stands there."""
    found = False
    for row in rows:
        reading = row.readings.get(fact)
        if reading is None or (reading.day_first is None and reading.month_first is None):
            continue
        if reading.month_first is None:
            return False
        found = True
    return found


def _is_sound(row: RawRow, turned: frozenset[Fact], limits: _Limits) -> bool:
    readings = {
        fact: Reading(reading.month_first, None, reading.is_blank) if fact in turned else reading
        for fact, reading in row.readings.items()
    }
    return _moment_fault(readings, DateOrder.DAY_FIRST, limits) is None


# --- the same code twice


def _repeats(rows: Sequence[RawRow], order: DateOrder) -> dict[int, Fault]:
    """Rows that repeat a row above, and all rows of a code whose rows differ, by row number."""
    groups: dict[str, list[RawRow]] = {}
    for row in rows:
        if row.code:
            groups.setdefault(row.code, []).append(row)
    found: dict[int, Fault] = {}
    for group in groups.values():
        if len(group) > 1:
            found.update(_repeats_in(group, order))
    return found


def _repeats_in(group: Sequence[RawRow], order: DateOrder) -> dict[int, Fault]:
    if len({_content(row, order) for row in group}) == 1:
        return {row.number: _SAME for row in group[1:]}
    numbers = [row.number for row in group]
    fault = Fault(Fact.CODE, "code_differs", {"rows": ", ".join(map(str, numbers))})
    return dict.fromkeys(numbers, fault)


def _content(row: RawRow, order: DateOrder) -> tuple[Any, ...]:
    """What a row says, however it is written: a date cell and a date text of the same day are the same."""
    return tuple(
        (row.readings[fact].under(order) or text_of(cell)) if fact in row.readings else text_of(cell)
        for fact, cell in row.cells.items()
    )


# --- accepted rows


def _draft(row: RawRow, order: DateOrder, meanings: Mapping[str, str] | None) -> Draft:
    moments = {fact: reading.under(order) for fact, reading in row.readings.items()}
    texts = {
        fact: text_of(cell)[: LONGEST.get(fact)]
        for fact, cell in row.cells.items()
        if fact not in MOMENTS and cell != ""
    }
    if Fact.APPLICANT in texts:
        texts[Fact.APPLICANT] = without_numbers(texts[Fact.APPLICANT])
    fact, end = _end(moments)
    said = meaning_of(texts[Fact.STATUS], meanings) if texts.get(Fact.STATUS) else None
    meaning, data_fault = meaning_by(said, has_end=end is not None)
    if data_fault == OPEN_WITH_END:
        end = None
    end_from = None if end is None else "finished" if fact is Fact.FINISHED else "returned"
    return Draft(row.number, row.code, texts, moments, meaning, data_fault, end, end_from)


def without_numbers(name: str) -> str:
    """An applicant's name without identity and telephone numbers: they are never stored (domain rules, facts in, 9)."""
    return " ".join(PERSONAL_NUMBER.sub(" ", name).split()) if any(sign.isdigit() for sign in name) else name


def meaning_by(said: Meaning | None, *, has_end: bool) -> tuple[Meaning, str | None]:
    """The meaning of a case and its data fault, from what the status says and whether an end moment is known.

    A status at odds with its dates never rejects a row: the case has no verdict and stands on the correction list
    (domain rules, facts in, 11). Without a known status the dates decide.
    """
    if said is None:
        return (Meaning.FINISHED if has_end else Meaning.OPEN), None
    if said in ENDED_MEANINGS and not has_end:
        return said, UNKNOWN_END
    if said in OPEN_MEANINGS and has_end:
        return Meaning.FINISHED, OPEN_WITH_END
    return said, None


def stored(moment: Moment | None, *, is_due: bool = False) -> tuple[datetime | None, str | None]:
    """A moment as cases keep it: a date-only due is the last second of its day, other date-only moments the first."""
    if moment is None:
        return None, None
    if is_due and not moment.has_clock:
        return datetime.combine(moment.at, LAST_SECOND), moment.precision
    return moment.at, moment.precision


def _remark(row: RawRow, fault: Fault, headings: Mapping[Fact, str]) -> Remark:
    cell = row.cells.get(fault.fact, "")
    return Remark(row.number, headings.get(fault.fact), text_of(cell), fault.reason, dict(fault.facts))


def _warnings(
    draft: Draft, row: RawRow, headings: Mapping[Fact, str], as_of: datetime, meanings: Mapping[str, str] | None
) -> Iterable[Remark]:
    """Remarks on an accepted row."""

    def remark(fact: Fact, reason: str) -> Remark:
        return _remark(row, Fault(fact, reason), headings)

    status = draft.text(Fact.STATUS)
    if draft.data_fault:
        yield remark(Fact.STATUS, draft.data_fault)
    elif status and meaning_of(status, meanings) is None:
        yield remark(Fact.STATUS, "unknown_status")
    if draft.moments.get(Fact.DUE) is None:
        yield remark(Fact.DUE, "no_due")
    received = draft.moments[Fact.RECEIVED]
    if received is not None and is_after(received, Moment(as_of, "minute")):
        yield remark(Fact.RECEIVED, "received_after_as_of")
    channel = draft.text(Fact.CHANNEL)
    if channel and channel_of(channel) == "unknown":
        yield remark(Fact.CHANNEL, "unknown_channel")
