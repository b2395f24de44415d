"""Keeping what is derived from pauses, extensions, terms and the calendar: read in bulk, counted by the one arithmetic
of ``deadlines``, written set-based. Inside the open ``commit()``; safe to run any number of times.

The ruling moment is always counted from the printed one. Frozen breaches are never touched from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, select, union

from portal.calendars.queries import PrintedBy, calendar_for_terms, printing_calendars
from portal.cases import bulk
from portal.cases.models import Case, CaseExtension, Pause
from portal.cases.moving import Ruling, ruling_of
from portal.cases.pause_queries import standing_extensions, standing_pauses
from portal.database import db
from portal.deadlines import WorkingCalendar

AT_ONCE = 5_000
BASES: tuple[Any, ...] = (
    Case.id, Case.meaning, Case.due_at, Case.due_precision, Case.finished_at, Case.finished_precision, Case.data_as_of,
    Case.ruling_due_at, Case.ruling_due_precision, Case.moved_by, Case.paused_since, Case.resolving_unit_id,
    Case.received_at,
)  # fmt: skip
"""What the ruling moment of a case is counted from, and what it is now."""


@dataclass(frozen=True, slots=True)
class Move:
    """A case whose ruling moment is to be another one; ``was``: the present one."""

    case_id: int
    meaning: str
    was: datetime | None
    ruling: Ruling


def concerned(*conditions: ColumnElement[bool]) -> Sequence[int]:
    """Cases with a recorded pause or extension, standing or not, in order: only theirs can be another moment than the
    printed one. ``conditions`` are of the case."""
    parts = [  # by EXISTS: few cases have a pause, and a join may begin with all cases
        select(model.case_id).where(exists().where(Case.id == model.case_id, *conditions))
        for model in (Pause, CaseExtension)
    ]
    return sorted(db.session.scalars(union(*parts)).all())


def project(case_ids: Iterable[int]) -> int:
    """Count the ruling moments of some cases anew; says how many became another one."""
    moved, wanted = 0, iter(sorted(set(case_ids)))
    by: tuple[WorkingCalendar, PrintedBy] | None = None
    while part := list(islice(wanted, AT_ONCE)):
        by = by or (calendar_for_terms(), printing_calendars())
        rows = _bases(part)
        moved += bulk.write_rulings([(move.case_id, move.ruling) for move in _moves(rows, *by)])
    return moved


def project_batch(batch_id: int) -> int:
    """The same for the cases a batch told of last that have a pause or an extension; says how many moved."""
    return project(concerned(Case.last_batch_id == batch_id))


def moves(case_ids: Sequence[int], calendar: WorkingCalendar) -> Iterator[Move]:
    """What ``project`` would write by a calendar, without writing it: for saying beforehand what would move."""
    yield from _moves(_bases(case_ids), calendar, printing_calendars())


def _bases(case_ids: Sequence[int]) -> Sequence[Row[Any]]:
    rows: list[Row[Any]] = []
    for start in range(0, len(case_ids), bulk.AT_ONCE):
        part = case_ids[start : start + bulk.AT_ONCE]
        rows += db.session.execute(select(*BASES).where(Case.id.in_(part))).all()
    return rows


def _moves(rows: Sequence[Row[Any]], calendar: WorkingCalendar, printed_by: PrintedBy) -> Iterator[Move]:
    ids = [row.id for row in rows]
    pauses, extensions = _by_case(standing_pauses(ids)), _by_case(standing_extensions(ids))
    for row in rows:
        recorded = pauses.get(row.id, ()), extensions.get(row.id, ())
        ruling = ruling_of(row, *recorded, calendar, printed_by(row.received_at))
        now = (row.ruling_due_at, row.ruling_due_precision, row.moved_by, row.paused_since)
        if now != (ruling.due_at, ruling.precision, ruling.moved_by, ruling.paused_since):
            yield Move(row.id, row.meaning, row.ruling_due_at, ruling)


def _by_case(rows: Iterable[Any]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(row)
    return found
