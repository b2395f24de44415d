"""``portal cases import``: always in the foreground, with the confident mapping or a refusal that names the column."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from portal import clock
from portal.cli_support import MOMENT, RefusedCommand, existing_file, portal_command
from portal.database import commit
from portal.guard import Viewer
from portal.imports.actions import import_prepared, look
from portal.imports.messages import STATES, fault_problems, say_built, say_fault, spoken
from portal.imports.models import Batch
from portal.imports.planning import Plan
from portal.imports.preparing import DEFAULT_SOURCE, Prepared, Upload, Wishes, prepare, uncollected
from portal.imports.queries import BatchQuery
from portal.imports.rules import BatchState, Counts
from portal.imports.undoing import built_on, undo_batch
from portal.refusal import Refused
from portal.vietnamese import clean

SHOWN = 20


def nothing() -> dict[str, Any]:
    """The answer of a refusal: no batch, all counts 0."""
    return {"batch": None, **Counts().as_dict(), "problems": [], "warnings": []}


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
@click.option("--sheet", metavar="NAME", help="The sheet with the list; * for all sheets that carry the header.")
@portal_command(nothing)
@uncollected()
def import_cases(
    file: str,
    source: str,
    as_of: datetime | None,
    dry_run: bool,
    create_unknown: bool,
    strict: bool,
    full_extract: bool,
    sheet: str | None,
) -> dict[str, Any]:
    """Import an exported list of cases (.xlsx, .xls, .ods, .csv, .tsv, .txt)."""
    path = existing_file(file)
    wishes = Wishes(
        source=clean(source) or DEFAULT_SOURCE,
        as_of=as_of,
        create_unknown=create_unknown,
        full_extract=full_extract,
        sheet=sheet,
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
        sheet = f"trang tính {said['sheet']}, " if "sheet" in said else ""
        click.echo(f"  {sheet}dòng {said['row']}, cột {said['column']}: {said['value']!r}: {said['reason']}")
    if len(answer["problems"]) > SHOWN:
        click.echo(f"  … và {len(answer['problems']) - SHOWN} dòng nữa; xem đủ bằng --json.")


def no_batch() -> dict[str, Any]:
    """The answer of a refused undoing."""
    return {"batch": None, "restored": 0, "removed": 0, "built_on": [], "problems": []}


@click.command("undo")
@click.argument("batch_id", metavar="BATCH", type=int)
@portal_command(no_batch)
def undo(batch_id: int) -> dict[str, Any]:
    """Take an applied batch back, while nothing was built on it."""
    batch = found_batch(batch_id)
    if batch.state == BatchState.APPLIED and (built := built_on(batch)):
        reasons = [say_built(what, n) for what, n in built]
        problems = [{"row": None, "column": None, "value": None, "reason": reason} for reason in reasons]
        answer = {**no_batch(), "batch": batch_id, "built_on": [[what, n] for what, n in built], "problems": problems}
        raise RefusedCommand(f"Lô {batch_id} không hoàn tác được: {'; '.join(reasons)}.", answer)
    with commit():
        undone = undo_batch(batch, by=None, at=clock.now())
    click.echo(f"Đã hoàn tác lô {batch_id}: {undone.restored} hồ sơ trở lại như trước, {undone.removed} hồ sơ bị gỡ.")
    return {**no_batch(), "batch": batch_id, "restored": undone.restored, "removed": undone.removed}


@click.command("batches")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True, help="How many, newest first.")
@portal_command(lambda: {"batches": []})
def list_batches(limit: int) -> dict[str, Any]:
    """List the batches, the newest first."""
    found = BatchQuery.visible_to(Viewer.for_command()).newest_first(limit=limit)
    for batch in found:
        moment = f"{batch.data_as_of:%H:%M %d/%m/%Y}" if batch.data_as_of else "–"
        state = STATES[BatchState(batch.state)]
        click.echo(f"{batch.id:>6}  {state}  {batch.source.name}  {moment}  {batch.rows_total} dòng  {batch.file_name}")
    return {"batches": [told(batch) for batch in found]}


def found_batch(batch_id: int) -> Batch:
    """A batch of any door, or a refusal that names it."""
    batch = BatchQuery.visible_to(Viewer.for_command()).get(batch_id)
    if batch is None:
        raise RefusedCommand(f"Không có lô {batch_id}.")
    return batch


def told(batch: Batch) -> dict[str, Any]:
    """A batch as the list gives it."""
    return {
        "batch": batch.id,
        "state": batch.state,
        "door": batch.door,
        "source": batch.source.name,
        "file": batch.file_name,
        "sha256": batch.file_sha256,
        "data_as_of": batch.data_as_of,
        "uploaded_at": batch.uploaded_at,
        "applied_at": batch.applied_at,
        **batch.counts,
        "gone": batch.gone,
    }
