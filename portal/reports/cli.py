"""``portal figures import-aggregates``: counts that no case list carries, from a file."""

from __future__ import annotations

import hashlib
from typing import Any

import click

from portal import clock
from portal.cli_support import RefusedCommand, existing_file, portal_command
from portal.database import commit
from portal.directory.queries import load_tree
from portal.figures.actions import save_aggregates
from portal.figures.forms import month_from
from portal.guard import Viewer
from portal.imports.messages import say_fault
from portal.refusal import Refused
from portal.reports.aggregate_import import Looked, RowProblem, look
from portal.reports.messages import ROW_REASONS
from portal.reports.queries import unit_keys
from portal.web.words import sentence


def nothing_done() -> dict[str, Any]:
    """The answer of a refused import: all counts 0."""
    return {**Looked().counts(), "values": 0, "problems": [], "warnings": []}


@click.group()
def figures() -> None:
    """Counts beside the case lists."""


@figures.command("import-aggregates")
@click.argument("file")
@click.option("--source", default="", help="Where the counts come from; default: the name of the file.")
@click.option("--month", default="", help="The month (MM/YYYY) of rows that name none.")
@click.option("--strict", is_flag=True, help="Write nothing where a row cannot be taken.")
@portal_command(nothing_done)
def import_aggregates(file: str, source: str, month: str, strict: bool) -> dict[str, Any]:
    """Bring FILE (.xlsx, .csv): unit, month, field and counts; the same file twice changes nothing."""
    path = existing_file(file)
    viewer = Viewer.for_command()
    earliest = clock.today().replace(year=1900, month=1, day=1)
    default = month_from(month, earliest)
    try:
        keys = unit_keys(viewer, load_tree(clock.today(), with_ended=True))
        looked = look(path, path.name, keys, viewer, None if default == earliest else default)
    except Refused as refused:
        words = say_fault(refused) if refused.code.startswith("imports.") else sentence(refused)
        raise RefusedCommand(words) from refused
    problems = [_worded(problem) for problem in looked.problems]
    for problem in problems:
        click.echo(f"{problem['row']} {problem['column']} {problem['value'] or ''}: {problem['reason']}", err=True)
    if strict and problems:
        said = "Có dòng không nhận được; không ghi gì vì --strict."
        raise RefusedCommand(said, {**nothing_done(), **looked.counts(), "new": 0, "changed": 0, "problems": problems})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with commit():
        changed = save_aggregates(
            looked.told, source=source or path.name, by=None, at=clock.now(), file_name=path.name, file_sha256=digest
        )
    counts = looked.counts()
    click.echo(", ".join(f"{name} {count}" for name, count in counts.items()), err=True)
    warnings = [
        {"row": None, "column": looked.headings.get("field"), "value": field, "reason": "Lĩnh vực mới."}
        for field in looked.new_fields
    ]
    return {**counts, "values": len(changed), "problems": problems, "warnings": warnings}


def _worded(problem: RowProblem) -> dict[str, Any]:
    reason = str(ROW_REASONS[problem.reason])
    return {"row": problem.row, "column": problem.heading or None, "value": problem.value or None, "reason": reason}
