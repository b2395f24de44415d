"""``portal cases import``: always in the foreground, with the confident mapping or a refusal that names the column."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from portal import clock
from portal.cli_support import MOMENT, RefusedCommand, existing_file, portal_command
from portal.database import commit
from portal.imports.actions import DEFAULT_SOURCE, Prepared, Upload, Wishes, import_prepared, look, prepare
from portal.imports.messages import fault_problems, say, say_fault
from portal.imports.planning import Plan
from portal.imports.rules import Counts, Remark
from portal.refusal import Refused
from portal.vietnamese import clean

SHOWN = 20


def nothing() -> dict[str, Any]:
    """The answer of a refusal: no batch, all counts 0."""
    return {"batch": None, **Counts().as_dict(), "problems": [], "warnings": []}


def spoken(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """Remarks as the command's answer gives them."""
    return [
        {"row": remark.row, "column": remark.column, "value": remark.value, "reason": say(remark)} for remark in remarks
    ]


def answer_of(plan: Plan, batch: int | None) -> dict[str, Any]:
    """The answer of an import."""
    return {
        "batch": batch,
        **plan.counts.as_dict(),
        "problems": spoken(plan.problems),
        "warnings": spoken(plan.warnings),
    }


@click.command("import")
@click.argument("file", type=click.Path())
@click.option("--source", default=DEFAULT_SOURCE, show_default=True, help="Name of the system the file comes from.")
@click.option(
    "--as-of", type=MOMENT, help="Moment of the data; a bare day means its end. Default: the newest in the file."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, write nothing.")
@click.option("--create-unknown", is_flag=True, help="Create missing units, officers and procedures.")
@click.option("--strict", is_flag=True, help="Refuse when any row is rejected or pending.")
@click.option("--full-extract", is_flag=True, help="The file holds all cases of the source; missing ones are marked.")
@portal_command(nothing)
def import_cases(
    file: str,
    source: str,
    as_of: datetime | None,
    dry_run: bool,
    create_unknown: bool,
    strict: bool,
    full_extract: bool,
) -> dict[str, Any]:
    """Import an exported list of cases (.xlsx or .csv)."""
    path = existing_file(file)
    wishes = Wishes(
        source=clean(source) or DEFAULT_SOURCE, as_of=as_of, create_unknown=create_unknown, full_extract=full_extract
    )
    try:
        prepared = prepare(Upload(path, path.name), wishes, at=clock.now())
        refuse_if_strict(prepared, strict)
        batch = None
        if not dry_run:
            with commit():
                applied = import_prepared(prepared, by=None, at=clock.now())
                batch, plan = applied.batch.id, applied.plan
        else:
            plan = look(prepared)
    except Refused as fault:
        raise RefusedCommand(say_fault(fault), {**nothing(), "problems": fault_problems(fault)}) from fault
    answer = answer_of(plan, batch)
    tell(answer, prepared)
    return answer


def refuse_if_strict(prepared: Prepared, strict: bool) -> None:
    """With ``--strict`` one rejected or pending row is enough to write nothing."""
    if strict and prepared.plan.problems:
        problems = spoken(prepared.plan.problems)
        words = f"{len(problems)} dòng bị từ chối hoặc chờ; --strict: không ghi gì."
        raise RefusedCommand(words, {**nothing(), "problems": problems})


def tell(answer: dict[str, Any], prepared: Prepared) -> None:
    """The same for people, when JSON was not asked for."""
    counts = (
        f"{answer['rows']} dòng: {answer['new']} mới, {answer['changed']} thay đổi, {answer['unchanged']} như cũ, "
        f"{answer['pending']} chờ đơn vị, {answer['rejected']} bị từ chối"
    )
    state = f"lô {answer['batch']}" if answer["batch"] is not None else "chạy thử, không ghi gì"
    click.echo(f"{counts} ({state}; số liệu đến {prepared.checked.data_as_of:%H:%M %d/%m/%Y}).")
    for said in answer["problems"][:SHOWN]:
        click.echo(f"  dòng {said['row']}, cột {said['column']}: {said['value']!r}: {said['reason']}")
    if len(answer["problems"]) > SHOWN:
        click.echo(f"  … và {len(answer['problems']) - SHOWN} dòng nữa; xem đủ bằng --json.")
