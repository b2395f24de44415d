"""``portal notices``: what the scheduler does for notices, by hand. The jobs themselves are handed in by the caller."""

from __future__ import annotations

from typing import Any

import click

from portal import clock
from portal.cli_support import portal_command
from portal.notices import outbox, queries


@click.group()
def notices() -> None:
    """Notices in the portal and by mail."""


def _nothing_sent() -> dict[str, Any]:
    return {"mail": False, "sent": 0, "put_off": 0, "not_sent": 0, "dropped": 0, "waiting": 0}


@notices.command()
@portal_command(_nothing_sent)
def send() -> dict[str, Any]:
    """Hand the waiting mails to the server now, whatever the hour. Safe beside the scheduler."""
    counts = dict(outbox.send_due(clock.now(), clock.today()))
    waiting = queries.mails_by_state().get("waiting", 0)
    if not outbox.is_on():
        click.echo("Cổng chưa gửi thư điện tử: chưa đặt PORTAL_SMTP_HOST, hoặc đây là bản trình diễn.", err=True)
    else:
        click.echo(
            f"Đã gửi {counts['sent']}, hoãn {counts['put_off']}, hỏng {counts['not_sent']}, bỏ {counts['dropped']}; "
            f"còn chờ {waiting}.",
            err=True,
        )
    return {"mail": outbox.is_on(), **counts, "waiting": waiting}
