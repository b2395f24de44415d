"""The ``portal`` command: assembles the sub-commands of the features."""

from __future__ import annotations

import click

from portal.migrate import upgrade


@click.group()
def main() -> None:
    """Đúng Hạn: every late case explained, apologised for and concluded."""


main.add_command(upgrade)
