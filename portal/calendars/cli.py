"""``portal calendar``: the named days of a year, and days from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

import click

from portal import clock
from portal.audit import record
from portal.calendars import queries
from portal.calendars.actions import apply
from portal.calendars.events import CalendarFileApplied
from portal.calendars.importing import OUTCOMES, Plan, plan
from portal.calendars.messages import FILE_FAULTS, ROW_FAULTS
from portal.calendars.reading import read_calendar
from portal.calendars.rules import DayKind, NamedDay, make_up_name
from portal.cli_support import RefusedCommand, existing_file, portal_command
from portal.database import commit
from portal.directory.sheet import Problem, SheetFault
from portal.refusal import Refused

DEFAULT_REASON = "Nạp từ tệp {name}"


@click.group()
def calendar() -> None:
    """Days off and make-up working days."""


@calendar.command("list")
@click.argument("year", type=int)
@portal_command()
def list_days(year: int) -> dict[str, Any]:
    """Print the named days of YEAR that are in force; ``swap_with`` is the other date of a swap."""
    rows = [queries.named_of(row) for row in queries.days_of_year(year) if row.in_force]
    days = sorted(
        (told for row in rows for told in _told(row) if told["day"].year == year), key=lambda told: told["day"]
    )
    for told in days:
        click.echo(f"{told['day']:%d/%m/%Y}  {told['kind']:8}  {told['name']}", err=True)
    return {"year": year, "open": year in queries.open_years(), "days": days}


def _told(named: NamedDay) -> Iterable[dict[str, Any]]:
    """A row date by date: a swap is told as its day off and its worked day, each with its partner."""
    shared = {
        "document": named.document,
        "document_number": named.document_number,
        "document_on": named.document_on,
        "status": named.status.value,
        "doubt": named.doubt,
    }
    kind = DayKind.OFF if named.kind is DayKind.SWAP else named.kind
    yield {"day": named.day, "kind": kind.value, "name": named.name, **shared, "swap_with": named.worked_on}
    if named.worked_on is not None:
        worked: dict[str, date | str] = {"day": named.worked_on, "kind": DayKind.MAKE_UP.value}
        yield {**worked, "name": make_up_name(named), **shared, "swap_with": named.day}


def nothing_done() -> dict[str, Any]:
    """The answer of a refused import: all counts 0."""
    return {"rows": 0, **dict.fromkeys(OUTCOMES, 0), "version": None, "problems": []}


@calendar.command("import")
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Only say what the file would do; write nothing.")
@click.option("--strict", is_flag=True, help="Refuse when any row is rejected.")
@click.option("--open-year", is_flag=True, help="Open the year after the last open one, so that its days can stand.")
@click.option("--reason", default="", help="Why the calendar changes; stands with the version.")
@portal_command(nothing_done)
def import_(file: str, dry_run: bool, strict: bool, open_year: bool, reason: str) -> dict[str, Any]:
    """Bring the days off and swaps of FILE (.xlsx, .csv, .json) into the calendar; twice the same changes nothing."""
    path = existing_file(file)
    data = path.read_bytes()
    try:
        lines = read_calendar(data)
    except SheetFault as fault:
        raise _refusal(fault) from fault
    content = queries.current_content()
    if content is None:
        raise Refused("calendars.not_loaded")
    made = plan(lines, content, open_year=open_year)
    answer = {**nothing_done(), **made.counts, "problems": list(_worded(made.problems))}
    if strict and made.problems:
        words = f"{made.counts['rejected']} dòng bị từ chối; --strict: không ghi gì."
        raise RefusedCommand(words, {**nothing_done(), "problems": answer["problems"]})
    if made.changes and not dry_run:
        answer["version"] = _apply(made, reason or DEFAULT_REASON.format(name=path.name), path.name, data)
    _tell(answer)
    return answer


def _apply(made: Plan, reason: str, name: str, data: bytes) -> int:
    at = clock.now()
    with commit():
        version = apply(made.changes, reason, by=None, at=at)
        counts = {outcome: made.counts[outcome] for outcome in OUTCOMES}
        sha256 = hashlib.sha256(data).hexdigest()
        event = CalendarFileApplied(file_name=name, sha256=sha256, version_id=version.id, **counts)
        record(event, entity_id=version.id, by=None, at=at)
        return version.id


def _worded(problems: Iterable[Problem]) -> Iterable[dict[str, Any]]:
    for problem in problems:
        reason = str(ROW_FAULTS[problem.code]) % problem.facts if problem.facts else str(ROW_FAULTS[problem.code])
        yield {"row": problem.row, "column": problem.column, "value": problem.value, "reason": reason}


def _refusal(fault: SheetFault) -> RefusedCommand:
    """The words of a fault of the whole file; nothing was written."""
    reason = str(FILE_FAULTS[fault.code]) % {**fault.facts, "column": fault.column}
    problem = {"row": None, "column": fault.column, "value": None, "reason": reason}
    return RefusedCommand(reason, {**nothing_done(), "problems": [problem]})


def _tell(answer: dict[str, Any]) -> None:
    counts = "{rows} dòng: {new} mới, {changed} thay đổi, {unchanged} như cũ, {rejected} bị từ chối".format(**answer)
    state = f"phiên bản {answer['version']}" if answer["version"] else "không ghi gì"
    click.echo(f"{counts} ({state}).", err=True)
    for said in answer["problems"]:
        click.echo(f"  dòng {said['row']}, cột {said['column']}: {said['value']!r}: {said['reason']}", err=True)
