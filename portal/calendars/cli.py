"""``portal calendar``: the named days of a year."""

from __future__ import annotations

from typing import Any

import click

from portal.calendars import queries
from portal.cli_support import portal_command


@click.group()
def calendar() -> None:
    """Days off and make-up working days."""


@calendar.command("list")
@click.argument("year", type=int)
@portal_command()
def list_days(year: int) -> dict[str, Any]:
    """Print the named days of YEAR that are in force."""
    fields = ("day", "kind", "name", "document", "status", "doubt")
    days = [{field: getattr(row, field) for field in fields} for row in queries.days_of_year(year) if row.in_force]
    for row in days:
        click.echo(f"{row['day']:%d/%m/%Y}  {row['kind']:8}  {row['name']}", err=True)
    return {"year": year, "open": year in queries.open_years(), "days": days}
