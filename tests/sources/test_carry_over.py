"""What the old schema knew of a source becomes the first version of its mapping."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from portal.database import db
from portal.migrate import alembic_config, migrate
from portal.sources.queries import current_mapping
from tests.databases import application

BEFORE = "20261121_0360_job_runs"
BATCH = """
INSERT INTO batches (source_id, file_name, file_sha256, size, state, full_extract, create_unknown, date_order,
  mapping, headings, rows_total, rows_new, rows_changed, rows_unchanged, rows_pending, rows_rejected, warnings, gone,
  uploaded_by, uploaded_at, version)
VALUES (1, 'ds.xlsx', 'x', 1, :state, false, false, 'day_first', :mapping, :headings, 0, 0, 0, 0, 0, 0, 0, 0,
  'Văn phòng', :at, 1)
"""


@pytest.fixture
def old(empty_url: str, tmp_path: Path) -> Iterator[Any]:
    with application(empty_url, tmp_path) as app, app.app_context():
        migrate()
        db.session.remove()
        command.downgrade(alembic_config(), BEFORE)
        yield app
        db.session.rollback()


def say(statement: str, **values: Any) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def batch(state: str, **columns: int) -> None:
    headings = {str(at): f"Cột {fact}" for fact, at in columns.items()} | {"9": "Ghi chú"}
    moment = "2026-11-01 08:00:00+00:00" if db.engine.dialect.name == "postgresql" else "2026-11-01 08:00:00.000000"
    say(BATCH, state=state, mapping=json.dumps(columns), headings=json.dumps(headings), at=moment)


def test_columns_and_meanings_become_version_one(old: Any) -> None:
    say("INSERT INTO sources (id, name, kind, meanings) VALUES (1, 'A', 'tp', :m)", m='{"8": "withdrawn"}')
    say("INSERT INTO sources (id, name, kind, meanings) VALUES (2, 'B', 'igate', '{}')")
    batch("applied", code=0, due=3)
    batch("discarded", code=5)

    migrate()

    found = current_mapping(1)
    assert found is not None
    assert (found.version, found.columns) == (1, {"code": "Cột code", "due": "Cột due"})
    assert (found.meanings, found.headings) == ({"8": "withdrawn"}, {"Cột code", "Cột due", "Ghi chú"})
    assert current_mapping(2) is None
    assert db.session.execute(text("SELECT kind FROM sources ORDER BY id")).scalars().all() == ["other", "igate"]


def test_going_back_keeps_what_statuses_mean(old: Any) -> None:
    say("INSERT INTO sources (id, name, kind, meanings) VALUES (1, 'A', 'igate', :m)", m='{"8": "withdrawn"}')
    migrate()
    say(
        "INSERT INTO source_mappings (source_id, version, columns, headings, meanings, channels, author, reason,"
        " made_at) SELECT source_id, 2, columns, headings, :m, channels, author, reason, made_at FROM source_mappings",
        m='{"8": "open"}',
    )
    db.session.remove()

    command.downgrade(alembic_config(), BEFORE)

    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT meanings FROM sources")).scalar_one()
    assert (json.loads(kept) if isinstance(kept, str) else kept) == {"8": "open"}
