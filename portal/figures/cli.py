"""``portal report summary``: the counts and ratios of a period, for scripts and for people at a terminal."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from portal import clock
from portal.cli_support import DAY, portal_command
from portal.figures.queries import OF_UNITS, By, Row, online_counts, summary
from portal.figures.rules import Counts, Online, pct
from portal.guard import Viewer
from portal.refusal import Refused

KEY_NAMES: dict[str, tuple[str, str]] = {
    By.UNIT: ("unit", "unit_code"),
    By.RECEIVING_UNIT: ("receiving_unit", "receiving_unit_code"),
    By.OFFICER: ("officer", "officer_code"),
    By.PROCEDURE: ("procedure", "procedure_code"),
}
COUNTS = (
    "received", "carried_over", "resolved", "early", "on_time", "late", "no_term", "refused", "withdrawn", "open",
    "within_term", "overdue", "paused", "open_no_term",
)  # fmt: skip


def figures_of(counts: Counts) -> dict[str, Any]:
    """The counts and the three percentages (two decimals, half up; None where there is nothing to divide by)."""
    percentages = {"r1_pct": counts.r1, "late_pct": counts.late_share, "r2_pct": counts.r2}
    return {
        **{name: getattr(counts, name) for name in COUNTS},
        **{name: None if (value := pct(ratio)) is None else float(value) for name, ratio in percentages.items()},
    }


def row_of(by: str, row: Row) -> dict[str, Any]:
    """One row: its keys are strings, also for the cases without officer."""
    name, code = KEY_NAMES[by]
    return {name: row.name, code: row.code, **figures_of(row.counts)}


def online_of(counted: Online) -> dict[str, Any]:
    """Cases received by channel, and the two shares (two decimals; None where there is nothing to divide by)."""
    shares = {"share_pct": counted.share, "share_of_all_pct": counted.share_of_all}
    return {
        "received": counted.received,
        "online": counted.online,
        "eligible": counted.eligible,
        "eligible_online": counted.eligible_online,
        **{name: None if (value := pct(ratio)) is None else float(value) for name, ratio in shares.items()},
    }


@click.command("summary")
@click.option("--from", "from_", type=DAY, required=True, help="First day of the period.")
@click.option("--to", type=DAY, required=True, help="Last day of the period.")
@click.option("--on", type=DAY, default=None, help="As known at the end of this day; default: today.")
@click.option("--by", type=click.Choice([str(by) for by in By]), default=None, help="One row for each.")
@click.option("--successors", is_flag=True, help="Add ended units to the unit that took over from them.")
@portal_command(
    refusal=lambda: {"totals": figures_of(Counts()), "online": online_of(Online()), "rows": [], "pending": 0}
)
def report_summary(from_: date, to: date, on: date | None, by: str | None, successors: bool) -> dict[str, Any]:
    """Count the cases of a period by the rules of counting; the state is that at the end of its last day.

    History stays with the unit of its day, unless --successors (with --by unit or receiving_unit) rolls it up.
    """
    if successors and by not in OF_UNITS:
        raise Refused("figures.successors_of_units")
    found = summary(from_, to, on or max(clock.today(), to), by, Viewer.for_command(), successors=successors)
    rows = [row_of(by, row) for row in found.rows] if by else []
    totals = figures_of(found.totals)
    received = sum(online_counts(from_, to, Viewer.for_command()).values(), Online())
    online = online_of(received)
    for name, value in totals.items():
        click.echo(f"{name:14} {'–' if value is None else value}")
    for row in rows:
        keys = KEY_NAMES[by or By.UNIT]
        click.echo(
            f"{row[keys[1]]:16} {row[keys[0]][:48]:48} {row['resolved']:>7} {row['late']:>6} {row['overdue']:>6}"
        )
    return {
        "from": from_.isoformat(), "to": to.isoformat(), "on": found.on.isoformat(), "pending": found.pending,
        "totals": totals, "online": online, "rows": rows,
    }  # fmt: skip
