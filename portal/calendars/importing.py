"""What a file would do to the calendar: rows new, changed, unchanged or rejected, and the changes that come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.calendars.changes import Change, Impossible, OpenYear, SetDay
from portal.calendars.rules import Content, NamedDay
from portal.calendars.sheet import Line
from portal.directory.sheet import Problem

NEW, CHANGED, UNCHANGED, REJECTED = OUTCOMES = ("new", "changed", "unchanged", "rejected")


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a file and what becomes of it. ``before``: the row of the calendar it would take the place of."""

    row: int
    outcome: str
    named: NamedDay | None
    before: NamedDay | None
    problems: Sequence[Problem]


@dataclass(slots=True)
class Plan:
    """What a file would do. ``next_year``: the year after the last open one, where rows were rejected for it."""

    rows: list[Told] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    next_year: int | None = None

    @property
    def counts(self) -> dict[str, int]:
        """rows = new + changed + unchanged + rejected."""
        found = Counter(row.outcome for row in self.rows)
        return {"rows": len(self.rows), **{outcome: found[outcome] for outcome in OUTCOMES}}

    @property
    def problems(self) -> list[Problem]:
        """Why rows were rejected, in their order."""
        return [problem for row in self.rows for problem in row.problems]


def plan(lines: Sequence[Line], content: Content, *, open_year: bool = False) -> Plan:
    """Hold the rows of a file against the calendar. ``open_year``: the year after the last one is opened first."""
    made = Plan()
    following = content.covered_to.year + 1
    if open_year:
        made.changes.append(OpenYear(following))
        content = made.changes[0].on(content)
    done: set[NamedDay] = set()
    for line in lines:
        told, content = _told(line, content, done)
        made.rows.append(told)
        if told.outcome in (NEW, CHANGED) and told.named is not None:
            made.changes.append(SetDay(told.named))
            done.add(told.named)
        elif told.named is not None and any(on.year == following for on in told.named.dates) and not open_year:
            made.next_year = following
    return made


def _told(line: Line, content: Content, done: set[NamedDay]) -> tuple[Told, Content]:
    named = line.named
    if named is None:
        return Told(line.row, REJECTED, None, None, line.problems), content
    before = next((row for row in content.days if row.day == named.day), None)
    if before == named:
        return Told(line.row, UNCHANGED, named, None if named in done else before, ()), content
    try:
        content = SetDay(named).on(content)
    except Impossible as no:
        problem = Problem(line.row, "day", f"{named.day:%d/%m/%Y}", no.code, no.facts)
        return Told(line.row, REJECTED, named, before, [problem]), content
    return Told(line.row, CHANGED if before else NEW, named, before, ()), content
