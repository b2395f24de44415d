"""One line of migrations that goes up, down and up; what it makes is what the models say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, inspect, text

from portal.database import Base, db
from portal.migrate import alembic_config, migrate
from portal.schema import APPEND_ONLY
from tests.databases import application

TRIGGERS = {"sqlite": 3, "postgresql": 2}
VERSION_TABLE = "alembic_version"


def test_there_is_one_head(app: Flask) -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_migrations_say_what_the_models_say(app: Flask) -> None:
    command.check(alembic_config())


def test_migrations_go_up_down_and_up(empty_url: str, tmp_path: Path) -> None:
    with application(empty_url, tmp_path) as app, app.app_context():
        migrate()
        up = catalogue()
        db.session.remove()

        command.downgrade(alembic_config(), "base")

        with db.engine.connect() as connection:
            assert set(inspect(connection).get_table_names()) <= {VERSION_TABLE}
            assert triggers(connection) == []
        migrate()
        assert catalogue() == up


def test_upgrading_again_changes_nothing(app: Flask) -> None:
    before = rows_of_each_table()

    migrate()

    assert rows_of_each_table() == before


def test_created_and_migrated_schemas_are_equal(app: Flask, empty_url_beside: str, tmp_path: Path) -> None:
    migrated = catalogue()

    with application(empty_url_beside, tmp_path / "beside") as other, other.app_context():
        Base.metadata.create_all(db.engine)
        created = catalogue()

    migrated.pop(VERSION_TABLE)
    assert migrated.keys() == created.keys()
    for table, facts in created.items():
        assert migrated[table] == facts, table


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_append_only_tables_are_guarded(app: Flask, table: str) -> None:
    guards = [name for name, of in triggers(db.session.connection()) if of == table]

    assert len(guards) == TRIGGERS[db.engine.dialect.name], guards


@pytest.fixture
def empty_url_beside(databases: Any) -> Any:
    url = databases.empty()
    yield url
    databases.drop(url)


def catalogue() -> dict[str, dict[str, Any]]:
    """Tables with columns, keys, unique constraints, checks and indexes (with their conditions)."""
    with db.engine.connect() as connection:
        inspector = inspect(connection)
        found = {}
        for table in sorted(inspector.get_table_names()):
            found[table] = {
                "columns": [
                    (c["name"], str(c["type"]), c["nullable"], str(c["default"])) for c in inspector.get_columns(table)
                ],
                "key": inspector.get_pk_constraint(table),
                "foreign": sorted(map(repr, inspector.get_foreign_keys(table))),
                "unique": sorted(map(repr, inspector.get_unique_constraints(table))),
                "checks": sorted((c["name"], one_line(c["sqltext"])) for c in inspector.get_check_constraints(table)),
                "indexes": indexes(connection, table),
            }
        return found


def indexes(connection: Connection, table: str) -> list[tuple[str, str]]:
    """Name and definition of each index, partial conditions included."""
    statement = {
        "sqlite": "SELECT name, coalesce(sql, '') FROM sqlite_master WHERE type = 'index' AND tbl_name = :t",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :t AND schemaname = 'public'",
    }[connection.dialect.name]
    return sorted((name, one_line(sql)) for name, sql in connection.execute(text(statement), {"t": table}))


def triggers(connection: Connection) -> list[tuple[str, str]]:
    """Name and table of each trigger."""
    statement = {
        "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        ),
    }[connection.dialect.name]
    return sorted((name, table) for name, table in connection.execute(text(statement)))


def one_line(sql: str) -> str:
    """The same statement however it was broken into lines and quoted."""
    return re.sub(r"\s+", " ", sql).replace('"', "").replace("( ", "(").replace(" )", ")").strip()


def rows_of_each_table() -> dict[str, int]:
    """The number of rows of every table."""
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}
