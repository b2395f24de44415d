"""``portal api``: a token from the command line, printed once; the description as a file."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from portal import clock
from portal.api import actions, operations
from portal.cli_support import DAY, portal_command
from portal.database import commit
from portal.guard import Scope


@click.group()
def api() -> None:
    """The door for programs."""


@api.command("token")
@click.option("--source", required=True, help="Name of the source the token writes for.")
@click.option("--expires", required=True, type=DAY, help="Last day the token is good for.")
@click.option("--name", default="", help="Name of the token. Default: the name of the source.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; may be repeated. Default: everything.",
)
@portal_command()
def make_token(source: str, expires: date, name: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Make a token and print it, once."""
    wanted = [Scope(word) for word in scopes] or list(Scope)
    with commit():
        made = actions.make_token(name, source, wanted, expires, by=None, at=clock.now())
        answer = {
            "token": made.secret,
            "name": made.token.name,
            "source": made.token.source.name,
            "scopes": made.token.scopes.split(),
            "expires_on": expires.isoformat(),
        }
    context = click.get_current_context(silent=True)
    if context is None or not context.params.get("as_json"):
        click.echo(made.secret)
        click.echo("Mã chỉ hiện lần này; hãy cất vào nơi chỉ chương trình gửi đọc được.", err=True)
    return answer


@api.command("openapi")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Language.")
@portal_command(needs_schema=False)
def print_description(lang: str) -> dict[str, Any]:
    """Print the OpenAPI document."""
    context = click.get_current_context(silent=True)
    if context is None or not context.params.get("as_json"):
        click.echo(operations.as_text(lang))
    return operations.document(lang)
