"""``portal init``: the first administrator, with a one-time password printed once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from portal import clock
from portal.access import actions, passwords, queries
from portal.cli_support import portal_command
from portal.database import commit
from portal.directory.actions import add_posting, create_person, create_unit
from portal.directory.models import Unit
from portal.directory.queries import load_tree, unit_by_id
from portal.directory.rules import Line, UnitKind
from portal.guard import Role
from portal.refusal import Refused

FIRST_UNIT_CODE = "QUAN-TRI"
FIRST_UNIT = "Quản trị Đúng Hạn"
FIRST_NAME = "Quản trị viên"


@click.command()
@click.option("--username", default="quantri", show_default=True, help="User name of the administrator.")
@click.option("--name", default=FIRST_NAME, show_default=True, help="Full name of the administrator.")
@portal_command()
def init(username: str, name: str) -> dict[str, Any]:
    """Create the first administrator; refused where there is one already."""
    if queries.there_is_an_administrator():
        raise Refused("access.administrator_exists")
    slip, at = passwords.new_slip(), clock.now()
    with commit():
        if queries.there_is_an_administrator():
            raise Refused("access.administrator_exists")
        unit = _root(at)
        person = create_person(name, by=None, at=at)
        add_posting(person, unit, Role.ADMINISTRATOR, position=name, by=None, at=at)
        user = actions.create_account(person, username.strip().lower(), slip.hash, by=None, at=at)
        answer = {"username": user.username, "name": person.full_name, "unit": unit.name, "unit_code": unit.code}
    answer["one_time_password"] = slip.password
    _say(answer)
    return answer


def _root(at: datetime) -> Unit:
    """The unit at the top with the most units below it; a unit for administration where there is none."""
    tree = load_tree(clock.today())
    roots = sorted(tree.roots(Line.REPORTS_IN), key=lambda root: -len(tree.subtree(Line.REPORTS_IN, root)))
    found = unit_by_id(roots[0]) if roots else None
    return found or create_unit(FIRST_UNIT_CODE, FIRST_UNIT, UnitKind.OFFICE, by=None, at=at)


def _say(answer: dict[str, Any]) -> None:
    """The slip in words, on stdout, unless the JSON object stands there."""
    context = click.get_current_context(silent=True)
    if context is not None and context.params.get("as_json"):
        return
    click.echo(f"Tên đăng nhập: {answer['username']}")
    click.echo(f"Mật khẩu dùng một lần: {answer['one_time_password']}")
    click.echo("Mật khẩu chỉ hiện lần này, có hiệu lực 24 giờ và phải đổi ở lần đăng nhập đầu tiên.")
