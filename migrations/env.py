"""Runs the migrations; the only migration file that imports the portal."""

from __future__ import annotations

from typing import Any

from alembic import context

from portal.database import Base, Instant, WallTime
from portal.schema import METADATA_MODULES

assert METADATA_MODULES, "the models must be imported before migrations compare them"


def render(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our column types as plain ones: a migration never imports the portal."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, WallTime):
        return "sa.DateTime()"
    return False


def run() -> None:
    """Run inside one connection of the portal's own engine."""
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # A batch re-creation of a parent table would otherwise delete its children by cascade.
            # Past SQLAlchemy, whose BEGIN would come first: inside a transaction SQLite ignores this setting.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        options: dict[str, Any] = {
            "render_as_batch": sqlite,
            "compare_type": True,
            "compare_server_default": False,
            "render_item": render,
        }
        context.configure(connection=connection, target_metadata=Base.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            connection.rollback()
            connection.connection.cursor().execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"foreign keys broken by a migration: {broken[:5]}")


run()
