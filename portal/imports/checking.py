"""PURE: data rows become typed drafts of cases, or are rejected with a reason (domain rules, facts in)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import compress
from typing import Any, Self

from portal.cases.rules import ENDED_MEANINGS, OPEN_MEANINGS, Meaning
from portal.imports.faults import (
    EXPONENT,
    LONGEST_CODE,
    SAME_ROW,
    Fault,
    Limits,
    RawRow,
    content_of,
    is_sound,
    row_fault,
)
from portal.imports.listing import Listed
from portal.imports.meanings import channel_of, meaning_of
from portal.imports.moments import MARK, Moment, MomentReader
from portal.imports.rules import DONE_MOMENTS, MOMENTS, RESULTS, SUPPLEMENTS, DateOrder, Fact, Remark
from portal.imports.texts import BAD, MIDNIGHT, moment_of, text_of, written, written_moment

LONGEST = {
    Fact.RESULT_NUMBER: 200,
    Fact.APPLICANT: 300,
    Fact.OFFICER: 200,
    Fact.STATUS: 200,
    Fact.PROCEDURE_FIELD: 300,
    Fact.PROCEDURE_CODE: 100,
}
ABOUT_DATES = frozenset(
    {"bad_date", "future", "due_before_received", "finished_before_received", "finished_after_as_of"}
)
LAST_SECOND = time(23, 59, 59)
PERSONAL_NUMBER = re.compile(
    r"[\s,;(\[-]*(?:(?:số\s+)?(?:CCCD|CMND|CMT|căn cước|định danh(?: cá nhân)?|SĐT|ĐT|điện thoại)\s*[:.]?\s*)?"
    r"\b\d[\d .]{7,14}\d\b[)\]]?",
    re.IGNORECASE,
)
DIGIT = re.compile(r"\d")
FIRST, LAST = "1", "3"
"""Texts of moments lie between these."""
NO_RESULT = frozenset(("", "-", "0", "không", "chưa có", "chưa", "không có", "null", "none", "n/a", "false"))
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
    """What the rows of a file are, before the directory and the database are asked.

    The accepted rows stand in columns, parallel to ``numbers``: ``texts`` of the facts that are no moments ("" is
    blank), ``moments`` as text of whole seconds ("" is none; 00:00:00 has no time of day), the end of processing and
    where it was read, the meaning and the data fault.
    """

    data_as_of: datetime
    facts: frozenset[Fact]
    headings: Mapping[Fact, str]
    numbers: list[int] = field(default_factory=list)
    sheets: list[str] | None = None
    texts: dict[Fact, list[str]] = field(default_factory=dict)
    moments: dict[Fact, list[str]] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)
    ends_from: list[str | None] = field(default_factory=list)
    meanings: list[Meaning] = field(default_factory=list)
    data_faults: list[str | None] = field(default_factory=list)
    repeated: int = 0
    rejected: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    """Every code of the file, of rejected rows too: none of these is missing from a full extract."""
    own_channels: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def of(cls, drafts: Sequence[Draft], data_as_of: datetime, facts: frozenset[Fact]) -> Self:
        """The same in columns for rows that were checked before."""
        checked = cls(data_as_of, facts, {}, [draft.row for draft in drafts])
        for fact in facts | {Fact.CODE}:
            if fact in MOMENTS or fact in SUPPLEMENTS:
                checked.moments[fact] = [written(draft.moments.get(fact)) for draft in drafts]
            else:
                checked.texts[fact] = [draft.text(fact) for draft in drafts]
        checked.texts[Fact.CODE] = [draft.code for draft in drafts]
        checked.ends = [written(draft.end) for draft in drafts]
        checked.ends_from = [draft.end_from for draft in drafts]
        checked.meanings = [draft.meaning for draft in drafts]
        checked.data_faults = [draft.data_fault for draft in drafts]
        checked.codes = {draft.code for draft in drafts}
        return checked

    def draft(self, place: int) -> Draft:
        """One accepted row on its own."""
        texts = {fact: column[place] for fact, column in self.texts.items() if column[place]}
        moments = {fact: moment_of(column[place]) for fact, column in self.moments.items()}
        return Draft(
            self.numbers[place],
            self.texts[Fact.CODE][place],
            texts,
            moments,
            self.meanings[place],
            self.data_faults[place],
            moment_of(self.ends[place]),
            self.ends_from[place],
        )

    @property
    def drafts(self) -> list[Draft]:
        """All accepted rows on their own; slow, for short lists."""
        return [self.draft(place) for place in range(len(self))]

    def sheet(self, place: int) -> str | None:
        """The sheet of an accepted row, where several sheets were read."""
        return self.sheets[place] if self.sheets else None


def check(
    listed: Listed,
    *,
    now: datetime,
    as_of: datetime | None = None,
    order: DateOrder = DateOrder.DAY_FIRST,
    meanings: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
) -> Checked:
    """Check all rows of a list, column by column.

    ``now``: the real Vietnam wall time; a past moment later than it is impossible. ``as_of``: the moment of the data;
    None takes the newest received, finished or returned moment in the file. ``meanings`` and ``channels``: the source's
    own texts, folded. Only rows that cannot be seen to be sound at a glance are judged one by one.
    """
    return _Checking(listed, now, as_of, order, meanings or {}, channels or {}).checked()


class _Checking:
    """One check in the making. A ``place`` is the index of a row in the columns of the list."""

    def __init__(
        self,
        listed: Listed,
        now: datetime,
        as_of: datetime | None,
        order: DateOrder,
        meanings: Mapping[str, str],
        channels: Mapping[str, str],
    ) -> None:
        self.listed, self.order, self.own_meanings, self.own_channels = listed, order, meanings, channels
        self.headings = {fact: listed.header.heading_of(fact) or fact.value for fact in listed.facts}
        self.reader = MomentReader()
        texts = listed.texts(order)
        self.moments = {fact: column for fact, column in texts.items() if fact in MOMENTS or fact in SUPPLEMENTS}
        self.texts = {fact: column for fact, column in texts.items() if fact not in self.moments}
        moment = as_of or self.newest(now) or now
        self.limits = Limits(now, moment, as_of is not None)
        self.codes = self.texts[Fact.CODE]

    def newest(self, now: datetime) -> datetime | None:
        """The newest moment that had passed when the data were made. A due moment says nothing about that."""
        latest = written_moment(now)
        columns = (self.moments[fact] for fact in DONE_MOMENTS if fact in self.moments)
        found = (max((text for text in column if text <= latest), default="") for column in columns)
        newest = max(found, default="")
        return datetime.fromisoformat(newest) if newest else None

    def checked(self) -> Checked:
        """The whole check."""
        faults = self.faults()
        repeats = self.repeats()
        checked = Checked(self.limits.as_of, frozenset(self.listed.facts), self.headings)
        checked.own_channels = self.own_channels
        checked.codes = {code for code in set(self.codes) if code}
        refused = bytearray(len(self.codes))
        for place in sorted({*faults, *repeats}):
            refused[place] = 1
            fault = repeats.get(place)
            if fault is None or fault is SAME_ROW:
                fault = faults.get(place, fault)
            if fault is SAME_ROW:
                checked.repeated += 1
            elif fault is not None:
                checked.rejected.append(self.remark(place, fault))
        self.accept(checked, None if not any(refused) else [not flag for flag in refused])
        return checked

    def row(self, place: int) -> RawRow:
        """One row, its cells read but not judged."""
        cells = {fact: column[place] for fact, column in self.listed.columns.items()}
        readings = {fact: self.reader.read(cell) for fact, cell in cells.items() if fact in MOMENTS}
        return RawRow(self.listed.numbers[place], self.codes[place], cells, readings)

    def remark(self, place: int, fault: Fault) -> Remark:
        """What is to be said of a row and one of its cells."""
        column = self.listed.columns.get(fault.fact)
        value = "" if column is None else text_of(column[place])
        sheet = self.listed.sheets[place] if self.listed.sheets else None
        number = self.listed.numbers[place]
        return Remark(number, self.headings.get(fault.fact), value, fault.reason, dict(fault.facts), sheet)

    # --- faults

    def faults(self) -> dict[int, Fault]:
        """The faults of single rows by place."""
        found = {}
        for place in self.suspects():
            fault = row_fault(self.row(place), self.order, self.limits)
            if fault is not None:
                found[place] = fault
        if found and self.order is DateOrder.DAY_FIRST:
            self.doubt(found)
        return found

    def suspects(self) -> list[int]:
        """The places of rows that are not sound at a glance."""
        now = written_moment(self.limits.now)
        limit = min(now, written_moment(self.limits.as_of)) if self.limits.is_given else now
        blank = [""] * len(self.codes)
        received = self.moments[Fact.RECEIVED]
        due = self.moments.get(Fact.DUE, blank)
        finished, returned = self.moments.get(Fact.FINISHED, blank), self.moments.get(Fact.RETURNED, blank)
        sound = [
            FIRST <= came <= now
            and (not until or came <= until <= LAST or (came[:10] <= until[:10] and until[11:] == MIDNIGHT))
            and (not done or came <= done <= limit)
            and (not back or (back <= now and (done != "" or came <= back <= limit)))
            for came, until, done, back in zip(received, due, finished, returned, strict=True)
        ]
        found = {place for place, fits in enumerate(sound) if not fits}
        cells = self.listed.columns[Fact.CODE]
        found.update(place for place, code in enumerate(self.codes) if not code or len(code) > LONGEST_CODE)
        found.update(place for place, code in enumerate(self.codes) if EXPONENT.fullmatch(code))
        strange = (MARK, "#", "=")
        found.update(place for place, cell in enumerate(cells) if not isinstance(cell, str) or cell[:1] in strange)
        return sorted(found)

    def doubt(self, faults: dict[int, Fault]) -> None:
        """Say of faulty rows that day and month may be exchanged, where reading columns month first would heal them.

        A column is doubtful only where no row of the file speaks against that order (domain rules, facts in, 12): one
        "16/10/2023" in it settles the matter.
        """
        healed = [place for place, fault in faults.items() if fault.reason in ABOUT_DATES]
        columns = [fact for fact in self.moments if fact in MOMENTS and self.may_be_month_first(fact)] if healed else []
        trials = [frozenset({fact}) for fact in columns] + ([frozenset(columns)] if len(columns) > 1 else [])
        others = [place for place in range(len(self.codes)) if place not in faults] if trials else []
        for trial in trials:
            if all(is_sound(self.row(place), trial, self.limits) for place in (*healed, *others)):
                for place in healed:
                    faults[place] = Fault(faults[place].fact, "doubtful_date_order")
                return

    def may_be_month_first(self, fact: Fact) -> bool:
        """Whether every date text of a column can be read month first, and at least one stands there."""
        found = False
        for cell in self.listed.columns[fact]:
            reading = self.reader.read(cell)
            if reading.day_first is None and reading.month_first is None:
                continue
            if reading.month_first is None:
                return False
            found = True
        return found

    # --- the same code twice

    def repeats(self) -> dict[int, Fault]:
        """Rows that repeat a row above, and all rows of a code whose rows differ, by place."""
        if len(set(self.codes)) == len(self.codes):
            return {}
        groups: dict[str, list[int]] = {}
        for place, code in enumerate(self.codes):
            if code:
                groups.setdefault(code, []).append(place)
        found: dict[int, Fault] = {}
        for places in groups.values():
            if len(places) > 1:
                found.update(self.repeats_in(places))
        return found

    def repeats_in(self, places: Sequence[int]) -> dict[int, Fault]:
        if len({content_of(self.row(place), self.order) for place in places}) == 1:
            return dict.fromkeys(places[1:], SAME_ROW)
        numbers = ", ".join(str(self.listed.numbers[place]) for place in places)
        return dict.fromkeys(places, Fault(Fact.CODE, "code_differs", {"rows": numbers}))

    # --- accepted rows

    def accept(self, checked: Checked, mask: list[bool] | None) -> None:
        """Put the rows of the mask into columns; None is all of them."""

        def kept(column: list[Any]) -> list[Any]:
            return column if mask is None else list(compress(column, mask))

        checked.numbers = kept(self.listed.numbers)
        checked.sheets = kept(self.listed.sheets) if self.listed.sheets else None
        checked.moments = {fact: kept(column) for fact, column in self.moments.items()}
        for fact in SUPPLEMENTS:
            if fact in checked.moments:
                checked.moments[fact] = ["" if text == BAD else text for text in checked.moments[fact]]
        for fact, column in self.texts.items():
            checked.texts[fact] = kept(shortened(column, LONGEST.get(fact)))
        if Fact.APPLICANT in checked.texts:
            checked.texts[Fact.APPLICANT] = list(map(without_numbers, checked.texts[Fact.APPLICANT]))
        self.judge(checked)
        places = list(range(len(self.codes))) if mask is None else list(compress(range(len(self.codes)), mask))
        for place in self.remarkable(checked):
            checked.warnings.extend(self.warnings(checked, place, places[place]))

    def judge(self, checked: Checked) -> None:
        """The end, the meaning and the data fault of each accepted row."""
        blank = [""] * len(checked)
        finished = checked.moments.get(Fact.FINISHED, blank)
        returned = checked.moments.get(Fact.RETURNED, blank)
        status = checked.texts.get(Fact.STATUS, blank)
        known: dict[tuple[str, bool], tuple[Meaning, str | None]] = {}
        for said, done, back in zip(status, finished, returned, strict=True):
            end = done or back
            key = (said, end != "")
            judged = known.get(key)
            if judged is None:
                meaning = meaning_of(said, self.own_meanings) if said else None
                judged = known[key] = meaning_by(meaning, has_end=key[1])
            checked.meanings.append(judged[0])
            checked.data_faults.append(judged[1])
            if judged[1] == OPEN_WITH_END:
                end = ""
            checked.ends.append(end)
            checked.ends_from.append(None if not end else "finished" if done else "returned")

    def remarkable(self, checked: Checked) -> list[int]:
        """The accepted rows of which something is to be said."""
        found: set[int] = {place for place, fault in enumerate(checked.data_faults) if fault}
        as_of = written_moment(self.limits.as_of)
        found.update(place for place, due in enumerate(checked.moments[Fact.DUE]) if not due)
        found.update(place for place, came in enumerate(checked.moments[Fact.RECEIVED]) if came > as_of)
        for fact, is_known in ((Fact.STATUS, self.is_status), (Fact.CHANNEL, self.is_channel)):
            column = checked.texts.get(fact, [])
            unknown = {text for text in set(column) if text and not is_known(text)}
            if unknown:
                found.update(place for place, text in enumerate(column) if text in unknown)
        if Fact.STATUS in checked.texts and not frozenset(RESULTS).isdisjoint(checked.facts):
            results = zip(checked.meanings, results_of(checked), strict=True)
            found.update(place for place, (meaning, ref) in enumerate(results) if is_unproved(meaning, ref))
        for fact in SUPPLEMENTS:
            if BAD in self.moments.get(fact, ()):
                found.update(range(len(checked)))
        return sorted(found)

    def is_status(self, text: str) -> bool:
        return meaning_of(text, self.own_meanings) is not None

    def is_channel(self, text: str) -> bool:
        return channel_of(text, self.own_channels) != "unknown"

    def warnings(self, checked: Checked, place: int, origin: int) -> Iterable[Remark]:
        """Remarks on an accepted row; ``origin``: its place in the list."""
        status = checked.texts[Fact.STATUS][place] if Fact.STATUS in checked.texts else ""
        if checked.data_faults[place]:
            yield self.remark(origin, Fault(Fact.STATUS, str(checked.data_faults[place])))
        elif status and not self.is_status(status):
            yield self.remark(origin, Fault(Fact.STATUS, "unknown_status"))
        if not checked.moments[Fact.DUE][place]:
            yield self.remark(origin, Fault(Fact.DUE, "no_due"))
        if checked.moments[Fact.RECEIVED][place] > written_moment(self.limits.as_of):
            yield self.remark(origin, Fault(Fact.RECEIVED, "received_after_as_of"))
        channel = checked.texts[Fact.CHANNEL][place] if Fact.CHANNEL in checked.texts else ""
        if channel and not self.is_channel(channel):
            yield self.remark(origin, Fault(Fact.CHANNEL, "unknown_channel"))
        for fact in SUPPLEMENTS:
            if fact in self.moments and self.moments[fact][origin] == BAD:
                yield self.remark(origin, Fault(fact, "bad_supplement"))
        if not frozenset(RESULTS).isdisjoint(checked.facts) and status:
            if is_unproved(checked.meanings[place], result_of(checked, place)):
                fact = Fact.RESULT_NUMBER if Fact.RESULT_NUMBER in checked.facts else Fact.RESULT_FILE
                yield self.remark(origin, Fault(fact, "premature_closure"))


def results_of(checked: Checked) -> list[str | None]:
    """The number of the result of each row, ``yes`` where the file only shows that there is one, None without one."""
    blank = [""] * len(checked)
    numbers, files = checked.texts.get(Fact.RESULT_NUMBER, blank), checked.texts.get(Fact.RESULT_FILE, blank)
    return [
        number if number.lower() not in NO_RESULT else None if file.lower() in NO_RESULT else "yes"
        for number, file in zip(numbers, files, strict=True)
    ]


def result_of(checked: Checked, place: int) -> str | None:
    """The same for one row."""
    number, file = (checked.texts[fact][place].lower() if fact in checked.texts else "" for fact in RESULTS)
    return number if number not in NO_RESULT else None if file in NO_RESULT else "yes"


def is_unproved(meaning: str, result: str | None) -> bool:
    """Finished, but the source shows neither number nor file of the result."""
    return meaning == Meaning.FINISHED and result is None


# --- accepted rows


def shortened(column: list[str], longest: int | None) -> list[str]:
    """Texts of at most so many signs; None for any number."""
    if longest is not None and max(map(len, column), default=0) > longest:
        return [text[:longest] for text in column]
    return column


def without_numbers(name: str) -> str:
    """An applicant's name without identity and telephone numbers: they are never stored (domain rules, facts in, 9)."""
    return " ".join(PERSONAL_NUMBER.sub(" ", name).split()) if DIGIT.search(name) else name


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
