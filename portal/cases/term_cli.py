"""``portal cases project`` and ``portal cases terms``: due moments counted anew, terms of procedures from a file."""

from __future__ import annotations

from typing import Any

import click

from portal import clock
from portal.cases import recounting
from portal.cases.messages import FILE_FAULTS, ROW_FAULTS
from portal.cases.setting_terms import Imported, import_terms
from portal.cases.term_sheet import read_terms
from portal.cli_support import RefusedCommand, existing_file, portal_command
from portal.database import allow_long_statements, commit
from portal.directory.sheet import Problem, SheetFault

REASON = "portal cases project"


def _nothing() -> dict[str, Any]:
    return {**recounting.Effect().as_counts(), "waiting": False}


@click.command("project")
@click.option("--resume", is_flag=True, help="Only go on with what waits; ask for nothing new.")
@portal_command(_nothing)
def project(resume: bool) -> dict[str, Any]:
    """Count the due moments of all open cases anew. Stopped with Ctrl-C, it goes on from the last batch next time."""
    allow_long_statements()
    if not resume:
        with commit():
            recounting.ask(REASON, by=None, at=clock.now())
    counts = recounting.work(clock.now()).as_counts()
    for name, count in counts.items():
        click.echo(f"{name}: {count}", err=True)
    return {**counts, "waiting": recounting.is_waiting()}


def _no_rows() -> dict[str, Any]:
    return {**Imported().as_json(), "problems": []}


@click.command("terms")
@click.argument("file")
@portal_command(_no_rows)
def terms(file: str) -> dict[str, Any]:
    """Set terms of procedures from FILE (.xlsx, .xls, .ods, .csv): code, amount, unit, valid_from, basis."""
    path = existing_file(file)
    try:
        lines, problems = read_terms(path.read_bytes())
    except SheetFault as fault:
        reason = str(FILE_FAULTS[fault.code]) % {**fault.facts, "column": fault.column}
        problem = {"row": 1 if fault.column else None, "column": fault.column, "value": None, "reason": reason}
        raise RefusedCommand(reason, {**_no_rows(), "problems": [problem]}) from fault
    with commit():
        done = import_terms(lines, problems, path.name, by=None, at=clock.now())
    told = [_told(problem) for problem in done.problems]
    for one in told:
        click.echo(f"{one['row']} {one['column']} {one['value'] or ''}: {one['reason']}", err=True)
    return {**done.as_json(), "problems": told}


def _told(problem: Problem) -> dict[str, Any]:
    reason = str(ROW_FAULTS[problem.code])
    return {"row": problem.row, "column": problem.column, "value": problem.value, "reason": reason}
