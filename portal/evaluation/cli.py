"""``portal evaluation export YEAR --out FILE.xlsx``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask import current_app

from portal import clock
from portal.cli_support import portal_command, write_out
from portal.database import commit
from portal.evaluation import actions
from portal.evaluation.rules import Year
from portal.guard import Viewer
from portal.policy import queries as policy


def nothing_made() -> dict[str, Any]:
    """The object of a refusal."""
    return {
        "year": None, "file": None, "counted_to": None, "officers": 0, "units": 0, "breaches": 0, "sha256": None,
    }  # fmt: skip


@click.command("export")
@click.argument("year", type=click.IntRange(2020, 2100))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The .xlsx to write.")
@portal_command(nothing_made)
def export_year(year: int, out: Path) -> dict[str, Any]:
    """Write the evaluation workbook of a year, for all units."""
    today = clock.today()
    asked = Year(year, *policy.evaluation_year(today).span(year), today)
    machine = Viewer.for_command()
    demo = bool(current_app.config.get("DEMO"))
    made = actions.make_workbook(asked, scope="Toàn bộ đơn vị", by=machine, today=today, demo=demo)
    write_out(out, made.content)
    with commit():
        actions.record_export(made, by=None, at=clock.now())
    event = made.event
    click.echo(f"Đã ghi {out}: {event.officers} công chức, {event.units} đơn vị, {event.breaches} vi phạm.")
    return {
        "year": year,
        "file": str(out),
        "counted_to": event.counted_to.isoformat(),
        "officers": event.officers,
        "units": event.units,
        "breaches": event.breaches,
        "sha256": event.sha256,
    }
