"""The steps of the cases that ended in October, as a one-stop system sends them: reception, appraisal, signing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import select

from portal.calendars.queries import calendar_for_terms
from portal.cases.bulk import write_steps
from portal.cases.models import Case
from portal.database import commit, db
from portal.deadlines.line import Line, hour_line
from portal.directory.models import Unit

SINCE = datetime(2023, 10, 1)
DESK = "Bộ phận Một cửa"
HALF_A_DAY = 4 * 3600
SIGNING = 2 * 3600
KINDS = ("Tiếp nhận", "Thẩm định", "Trình ký")


def play_steps(random: Random) -> None:
    """Write them; their terms share out the printed one, and most of a delay lies with the appraisal."""
    line = hour_line(calendar_for_terms())
    wanted = select(Case, Unit.name).join(Unit, Unit.id == Case.resolving_unit_id)
    found = db.session.execute(wanted.where(Case.finished_at >= SINCE, Case.due_at.is_not(None)).order_by(Case.id))
    rows = [row for case, unit in found for row in _of_case(case, unit, line, random)]
    with commit():
        write_steps(rows)


def _of_case(case: Case, unit: str, line: Line, random: Random) -> Iterator[dict[str, Any]]:
    begin, due, end = (line.place(at) for at in (case.received_at, case.due_at, case.finished_at) if at is not None)
    span = end - begin
    desk = min(random.randrange(HALF_A_DAY // 4, HALF_A_DAY + 1800), span // 3)
    signing = min(random.randrange(SIGNING // 4, 2 * SIGNING), span // 3)
    ends = (begin + desk, end - signing, end)
    terms = (min(begin + HALF_A_DAY, due), max(due - SIGNING, begin), due)
    officers = ("", case.officer_name or "", "")
    units = (DESK, unit, unit)
    started = case.received_at
    for place, kind in enumerate(KINDS):
        at = case.finished_at if place == len(KINDS) - 1 and case.finished_at else line.moment(ends[place])
        yield {
            "case_id": case.id, "source_id": case.source_id, "officer": officers[place], "title": kind,
            "unit": units[place], "content": "", "status": "", "started_at": started,
            "due_at": line.moment(terms[place]), "at": at,
            "digest": hashlib.sha256(f"{case.code}|{kind}".encode()).hexdigest(),
        }  # fmt: skip
        started = at
