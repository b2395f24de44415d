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
from portal.imports import actions, preparing
from portal.imports.models import Batch
from portal.imports.preparing import Upload, Wishes
from tests.databases import SECRET
from tests.imports.lists import open_row, row, text
from tests.imports.test_import_apply import AT, Import, bring, place, viewer

__all__ = ["bring", "place"]

DAY = datetime(2023, 10, 12, 8, 0)
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from sqlalchemy import event
from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.database import commit, db
from portal.guard import Viewer
from portal.imports import actions, preparing
from portal.imports.preparing import Upload, Wishes
from portal.imports.models import Batch
from portal.refusal import Conflict, Refused

what, url, secret, folder, path, day = sys.argv[1:7]
app = create_app(Settings(database_url=url, secret_key=secret, data_dir=Path(folder)))
path = Path(path)


def apply(batch_id):
    batch = db.session.get(Batch, batch_id)
    prepared = preparing.prepare(Upload(path, path.name), actions.wishes_of(batch), at=clock.now())
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        with commit():
            actions.apply_batch(db.session.get(Batch, batch_id), prepared, by=Viewer.for_command(), at=clock.now())
    except (Refused, Conflict):
        print("refused", flush=True)
    else:
        print("applied", flush=True)


def die(*said):
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(point):
    wishes = Wishes(as_of=datetime.fromisoformat(day), full_extract=True)
    prepared = preparing.prepare(Upload(path, path.name), wishes, at=clock.now())
    if point == "COMMIT":
        event.listen(db.engine, "commit", lambda connection: connection.info.get("armed") and die())
    else:
        event.listen(db.engine, "before_cursor_execute", lambda *said: point in said[2] and die())
    with commit():
        db.session.connection().info["armed"] = True
        actions.import_prepared(prepared, by=None, at=clock.now())


if what == "apply":
    with app.app_context():
        apply(int(sys.argv[7]))
else:
    for point in sys.stdin:
        child = os.fork()
        if child == 0:
            with app.app_context():
                die_at(point.strip())
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Applies a batch when told to; or dies for each point that it reads, in a child of its own."""


def program(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True, env={**os.environ}, **more)


def _answered(one: subprocess.Popen[str], asked: str) -> str:
    """What a program says to a line."""
    assert one.stdin is not None
    assert one.stdout is not None
    one.stdin.write(asked + "\n")
    one.stdin.flush()
    return one.stdout.readline().strip()


def everything() -> dict[str, Any]:
    """Every row of every table."""
    db.session.rollback()
    return {
        table.name: sorted(map(repr, db.session.execute(select(table)).all())) for table in Base.metadata.sorted_tables
    }


POINTS = (
    "INSERT INTO batches", "TEMP TABLE import_codes", "INSERT INTO batch_befores",
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

    with program("die", database_url, SECRET, str(tmp_path), str(path), later.isoformat()) as dying:
        for point in POINTS:
            assert _answered(dying, point) == f"{-signal.SIGKILL:d}", point
            assert everything() == before, point

    prepared = preparing.prepare(Upload(path, path.name), Wishes(as_of=later, full_extract=True), at=AT)
    with commit():
        applied = actions.import_prepared(prepared, by=None, at=AT)
    assert (applied.plan.counts.new, applied.plan.counts.changed, applied.gone) == (2, 1, 2)


@pytest.mark.parametrize("turn", range(2))
def test_of_two_who_apply_at_once_one_wins(
    place: Unit, bring: Import, database_url: str, tmp_path: Path, turn: int
) -> None:
    bring(open_row("A"), as_of=DAY)
    path = text(tmp_path / "duel.csv", [row("A"), *(open_row(f"B{n}") for n in range(200))])
    prepared = preparing.prepare(Upload(path, path.name), Wishes(as_of=DAY + timedelta(days=1)), at=AT)
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
