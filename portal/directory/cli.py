"""``portal directory import``: units, people and postings from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import click
from flask_babel import LazyString

from portal import clock
from portal.cli_support import RefusedCommand, existing_file, portal_command
from portal.database import commit
from portal.directory.importing import COUNTS, OF_WHICH, import_directory, look
from portal.directory.messages import FILE_FAULTS, ROW_FAULTS, ROW_WARNINGS
from portal.directory.reading import read_directory
from portal.directory.sheet import Problem, SheetFault
from portal.guard import Role


@click.group()
def directory() -> None:
    """Units, people and their postings."""


def nothing_done() -> dict[str, Any]:
    """The answer of a refused import: all counts 0."""
    return {**dict.fromkeys(COUNTS, 0), "of_which": dict.fromkeys(OF_WHICH, 0), "problems": [], "warnings": []}


@directory.command("import")
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Only say what the file would do; write nothing.")
@portal_command(nothing_done)
def import_(file: str, dry_run: bool) -> dict[str, Any]:
    """Bring FILE (.xlsx, .xls, .ods, or text in UTF-8) into the directory; the same file twice changes nothing.

    Makes no accounts.
    """
    path = existing_file(file)
    data = path.read_bytes()
    try:
        sheet = read_directory(data, [str(role) for role in Role])
    except SheetFault as fault:
        raise _refusal(fault) from fault
    facts: dict[str, Any] = {"file_name": path.name, "sha256": hashlib.sha256(data).hexdigest()}
    facts |= {"today": clock.today(), "by": None, "at": clock.now()}
    if dry_run:
        outcome = look(sheet, **facts)
    else:
        with commit():
            outcome = import_directory(sheet, **facts)
    for name, count in {**outcome.counts, **outcome.of_which}.items():
        click.echo(f"{name}: {count}", err=True)
    answer: dict[str, Any] = {
        **outcome.counts,
        "of_which": outcome.of_which,
        "problems": list(_worded(outcome.problems, ROW_FAULTS)),
        "warnings": list(_worded(outcome.warnings, ROW_WARNINGS)),
    }
    for problem in answer["problems"]:
        click.echo(f"{problem['row']} {problem['column']} {problem['value'] or ''}: {problem['reason']}", err=True)
    return answer


def _worded(problems: Iterable[Problem], words: Mapping[str, LazyString]) -> Iterable[dict[str, Any]]:
    for problem in problems:
        reason = str(words[problem.code]) % problem.facts if problem.facts else str(words[problem.code])
        yield {"row": problem.row, "column": problem.column, "value": problem.value, "reason": reason}


def _refusal(fault: SheetFault) -> RefusedCommand:
    """The words of a fault of the whole file, and the JSON object that says nothing was written."""
    reason = str(FILE_FAULTS[fault.code]) % {**fault.facts, "column": fault.column}
    problem = {"row": 1 if fault.column else None, "column": fault.column, "value": None, "reason": reason}
    return RefusedCommand(reason, {**nothing_done(), "problems": [problem]})
