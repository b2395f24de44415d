"""``portal accountability open-breaches`` and ``portal report coverage``."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from portal import clock
from portal.accountability.ledger import actions, queries
from portal.accountability.ledger.rules import APOLOGY_STATES, EXPLANATION_STATES, Coverage, OpenResult, every_state
from portal.cli_support import DAY, portal_command
from portal.database import commit

EMPTY = Coverage(
    breaches=0,
    cancelled=0,
    withdrawn_after_due=0,
    without_breach=0,
    pending=0,
    no_term=0,
    stale=0,
    explanations=every_state({}, EXPLANATION_STATES),
    apologies=every_state({}, APOLOGY_STATES),
)


@click.command("open-breaches")
@click.option("--on", type=DAY, help="As of the end of this day; default today.")
@portal_command(lambda: OpenResult(0, 0, 0, 0).as_json())
def open_breaches(on: date | None) -> dict[str, Any]:
    """Open what is still to open: breaches with both duties, ends, proposals to cancel. Safe to run again."""
    day = on or clock.today()
    with commit():
        result = actions.open_breaches(day, clock.now())
    click.echo(
        f"{day:%d/%m/%Y}: mở mới {result.opened} vi phạm, đã mở trước {result.already_open}; "
        f"trễ hạn {result.cases_late}, quá hạn {result.cases_overdue}.",
        err=True,
    )
    return result.as_json()


@click.command("coverage")
@click.option("--on", type=DAY, help="As of the end of this day; default today.")
@portal_command(EMPTY.as_json)
def report_coverage(on: date | None) -> dict[str, Any]:
    """Whether every late or overdue case has its breach, its explanation and its letter."""
    day = on or clock.today()
    found = queries.coverage(day)
    click.echo(
        f"{day:%d/%m/%Y}: trễ hoặc quá hạn {found.late_or_overdue}, vi phạm {found.breaches}, "
        f"chưa mở {found.without_breach}; chưa gán đơn vị {found.pending}, thiếu hạn trả {found.no_term}, "
        f"cần dữ liệu mới {found.stale}.",
        err=True,
    )
    return found.as_json()
