"""``portal policy``: list the rule set, set a value."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click

from portal import clock
from portal.cli_support import DAY, portal_command
from portal.database import commit
from portal.policy import actions, queries
from portal.refusal import Refused


@click.group()
def policy() -> None:
    """Values of law and of the agency, with their dates of force."""


@policy.command("list")
@click.option("--on", type=DAY, default=None, help="Rules in force on this day; default today.")
@portal_command()
def list_values(on: date | None) -> dict[str, Any]:
    """Print the values in force on a day."""
    values = queries.rule_set(on or clock.today()).values
    for key, value in values.items():
        click.echo(f"{key} = {json.dumps(value, ensure_ascii=False)}", err=True)
    return {"values": values}


@policy.command("set")
@click.argument("key")
@click.argument("value")
@click.option("--from", "valid_from", type=DAY, required=True, help="First day in force.")
@click.option("--basis", required=True, help="The document that says so.")
@portal_command()
def set_value(key: str, value: str, valid_from: date, basis: str) -> dict[str, Any]:
    """Set KEY to VALUE (JSON) from a day on."""
    try:
        read = json.loads(value)
    except ValueError as error:
        raise Refused("policy.bad_value", key=key) from error
    with commit():
        actions.set_value(key, read, valid_from=valid_from, basis=basis, by=None, at=clock.now())
    click.echo(f"{key} = {value}", err=True)
    return {"key": key, "value": read}
