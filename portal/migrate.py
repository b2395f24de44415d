"""``portal upgrade``: bring the database to the present schema and load what is shipped; safe to run again."""

from __future__ import annotations

from typing import Any

import click
from alembic import command
from alembic.config import Config
from flask import current_app

from portal import clock
from portal.cli_support import portal_command
from portal.config import ROOT
from portal.database import commit, db
from portal.shipped import LOADERS


def alembic_config() -> Config:
    """Alembic's settings, from pyproject.toml, for the database of the current application."""
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = db.engine
    return config


def migrate(revision: str = "head") -> None:
    """Run the migrations up to ``revision`` and load shipped reference data, idempotently."""
    command.upgrade(alembic_config(), revision)
    if revision == "head":
        with commit():
            for load in LOADERS:
                load(clock.now())


@click.command()
@portal_command(needs_schema=False)
def upgrade() -> dict[str, Any]:
    """Migrate the database and load shipped calendar, policy and causes."""
    migrate()
    click.echo(f"Cơ sở dữ liệu đã sẵn sàng ({current_app.config['SQLALCHEMY_DATABASE_URI'].split(':')[0]}).", err=True)
    return {"upgraded": True}
