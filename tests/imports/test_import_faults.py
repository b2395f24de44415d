"""An import killed at any point leaves all or nothing, and of two who apply at once one wins. Real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.cases.models import Case
from portal.database import Base, commit, db
from portal.directory.models import Unit
from portal.imports import actions
from portal.imports.actions import Upload, Wishes
from portal.imports.models import Batch
from tests.databases import SECRET
from tests.imports.lists import open_row, row, text
from tests.imports.test_import_apply import AT, Import, bring, place, viewer

__all__ = ["bring", "place"]

DAY = datetime(2023, 10, 12, 8, 0)
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, signal, sys, time
from datetime import datetime
from pathlib import Path
from sqlalchemy import event
from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.database import commit, db
from portal.guard import Viewer
from portal.imports import actions
from portal.imports.actions import Upload, Wishes
from portal.imports.models import Batch
from portal.refusal import Conflict, Refused

what, url, secret, folder, path, day = sys.argv[1:7]
app = create_app(Settings(database_url=url, secret_key=secret, data_dir=Path(folder)))
path = Path(path)
with app.app_context():
    if what == "apply":
        batch = db.session.get(Batch, int(sys.argv[7]))
        wishes = actions.wishes_of(batch)
    else:
        wishes = Wishes(as_of=datetime.fromisoformat(day), full_extract=True)
    prepared = actions.prepare(Upload(path, path.name), wishes, at=clock.now())
    if what == "apply":
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            with commit():
                batch = db.session.get(Batch, int(sys.argv[7]))
                actions.apply_batch(batch, prepared, by=Viewer.for_command(), at=clock.now())
        except (Refused, Conflict) as refused:
            print("refused", flush=True)
        else:
            print("applied", flush=True)
    else:
        def die(*said):
            if what in said[2] or what == "COMMIT":
                os.kill(os.getpid(), signal.SIGKILL)
        if what == "COMMIT":
            event.listen(db.engine, "commit", lambda connection: connection.info.get("armed") and die(0, 0, what))
        else:
            event.listen(db.engine, "before_cursor_execute", die)
        with commit():
            db.session.connection().info["armed"] = True
            actions.import_prepared(prepared, by=None, at=clock.now())
"""


def program(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True, env={**os.environ}, **more)


def everything() -> dict[str, Any]:
    """Every row of every table."""
    db.session.rollback()
    return {
        table.name: sorted(map(repr, db.session.execute(select(table)).all())) for table in Base.metadata.sorted_tables
    }


POINTS = (
    "INSERT INTO batches", "TEMP TABLE import_stage", "TEMP TABLE import_known", "INSERT INTO batch_befores",
    "UPDATE cases SET data_as_of", "FROM pending_rows", "UPDATE cases SET gone_since",
    "INSERT INTO audit_events", "COMMIT",
)  # fmt: skip


def test_killed_at_any_point_an_import_leaves_nothing(
    place: Unit, bring: Import, database_url: str, tmp_path: Path
) -> None:
    bring(*(open_row(f"A{n}") for n in range(6)), open_row("W", unit="Phòng Lạ"), as_of=DAY)
    lines = [row("A0"), *(open_row(f"A{n}") for n in range(1, 4)), open_row("B"), open_row("W")]
    path = text(tmp_path / "killed.csv", lines)
    later = DAY + timedelta(days=1)
    before = everything()

    for point in POINTS:
        died = program(point, database_url, SECRET, str(tmp_path), str(path), later.isoformat())
        died.communicate()
        assert died.returncode == -signal.SIGKILL, point
        assert everything() == before, point

    prepared = actions.prepare(Upload(path, path.name), Wishes(as_of=later, full_extract=True), at=AT)
    with commit():
        applied = actions.import_prepared(prepared, by=None, at=AT)
    assert (applied.plan.counts.new, applied.plan.counts.changed, applied.gone) == (2, 1, 2)


@pytest.mark.parametrize("turn", range(2))
def test_of_two_who_apply_at_once_one_wins(
    place: Unit, bring: Import, database_url: str, tmp_path: Path, turn: int
) -> None:
    bring(open_row("A"), as_of=DAY)
    path = text(tmp_path / "duel.csv", [row("A"), *(open_row(f"B{n}") for n in range(200))])
    prepared = actions.prepare(Upload(path, path.name), Wishes(as_of=DAY + timedelta(days=1)), at=AT)
    with commit():
        batch = actions.save_preview(prepared, by=viewer(), at=AT)
    ident = str(batch.id)
    db.session.rollback()

    duel = [program("apply", database_url, SECRET, str(tmp_path), str(path), "", ident) for _ in range(2)]
    for one in duel:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in duel:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    said = sorted(one.communicate()[0].strip() for one in duel)

    assert said == ["applied", "refused"]
    db.session.rollback()
    assert db.session.scalar(select(func.count(Case.id))) == 201
    assert db.session.get_one(Batch, int(ident)).state == "applied"
