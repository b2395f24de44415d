"""What one fresh process measures for ``bench.intake``; its last line on stdout is one JSON object."""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import python_calamine
from sqlalchemy import select, text

from bench import world
from bench.intake import NAIVE_ROWS
from portal.accountability.ledger.actions import open_breaches
from portal.app import create_app
from portal.cases.models import Case, Source
from portal.config import Settings
from portal.database import allow_long_statements, commit, copy_rows, db, dialect
from portal.imports import actions, preparing
from portal.imports.preparing import Upload, Wishes
from portal.migrate import migrate

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
EVERY = 0.02


def resident(pid: int) -> int:
    """The memory of a process in KiB."""
    try:
        fields = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return int(fields[fields.index("Pss:") + 1])


def children(pid: int) -> list[int]:
    """The child processes of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found += [int(each) for each in (task / "children").read_text(encoding="ascii").split()]
        except OSError:
            continue
    return found


class Memory:
    """The highest memory of this process and its children together, looked at every now and then."""

    def __init__(self) -> None:
        self.peak, self.going = 0, True
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self) -> None:
        while self.going:
            me = os.getpid()
            self.peak = max(self.peak, sum(resident(pid) for pid in (me, *children(me))))
            time.sleep(EVERY * 5)

    def stop(self) -> float:
        self.going = False
        self.thread.join()
        return self.peak / 1024


def processor() -> float:
    """User and system seconds so far: of this process, of its readers that ended, and of its PostgreSQL backend."""
    used = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    if dialect() != "postgresql":
        return used
    backend = db.session.scalar(text("SELECT pg_backend_pid()"))
    fields = Path(f"/proc/{backend}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return used + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def worked(into: dict[str, Any]) -> Iterator[None]:
    """Adds what the block used of the processors, which a loaded machine changes less than its seconds."""
    start = processor()
    yield
    into["cpu"] = into.get("cpu", 0.0) + processor() - start


@contextmanager
def timed(into: dict[str, Any], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    into[name] = into.get(name, 0.0) + time.perf_counter() - start


def fill(_file: Path) -> dict[str, Any]:
    migrate()
    world.fill()
    return {}


@preparing.uncollected()
def take(file: Path) -> dict[str, Any]:
    """Read, check, map, find differences, apply and open breaches, as the command and the night job do."""
    said: dict[str, Any] = {"commits": 0.0}
    engine = db.engine
    plain = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        with timed(said, "commits"):
            plain(connection)

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
    wishes = Wishes(as_of=world.AS_OF)
    upload = Upload(file, file.name)
    before = processor()
    db.session.rollback()
    start = time.perf_counter()
    with timed(said, "read"):
        listed = preparing.list_in(upload, wishes)
    with timed(said, "check"):
        prepared = preparing.prepare(upload, wishes, at=AT, listed=listed)
        del listed
    with timed(said, "apply"), commit():
        applied = actions.import_prepared(prepared, by=None, at=AT)
    with timed(said, "breaches"), commit():
        opened = open_breaches(world.ON, AT)
    said["seconds"] = time.perf_counter() - start
    said["cpu"] = processor() - before
    db.session.rollback()
    said["counts"], said["written"] = applied.plan.counts.as_dict(), applied.written
    said["opened"], said["standing"] = opened.opened, opened.already_open
    return said


def weigh(file: Path) -> dict[str, Any]:
    """The memory of an import, in a run of its own: looking at it takes a processor, and holds up what is measured."""
    memory = Memory()
    take(file)
    return {"peak_mib": memory.stop()}


def floor(file: Path) -> dict[str, Any]:
    """Read with calamine, and stage: into a temporary table; PostgreSQL also upserts into the plain table."""
    said: dict[str, Any] = {}
    with worked(said), timed(said, "read"):
        book = python_calamine.CalamineWorkbook.from_path(str(file))
        for _row in book.get_sheet_by_index(0).iter_rows():
            pass
    db.session.rollback()
    rows = list(staged())
    with commit():
        names = ", ".join(world.FLOOR)
        with worked(said), timed(said, "stage"):
            db.session.execute(text(f"CREATE TEMP TABLE floor_stage AS SELECT {names} FROM floor_cases LIMIT 0"))
            copy_rows("floor_stage", world.FLOOR, iter(rows))
        if dialect() == "postgresql":
            sets = ", ".join(f"{name} = excluded.{name}" for name in world.FLOOR if name != "code")
            with worked(said), timed(said, "upsert"):
                db.session.execute(
                    text(
                        f"INSERT INTO floor_cases ({names}) SELECT {names} FROM floor_stage "  # noqa: S608
                        f"ON CONFLICT (code) DO UPDATE SET {sets}"
                    )
                )
        said["seconds"] = said["read"] + said["stage"] + said.get("upsert", 0.0)
        db.session.execute(text("DROP TABLE floor_stage"))
        raise_after(said)
    return said


class Done(Exception):
    """Ends a measurement without a commit."""


def raise_after(said: dict[str, Any]) -> None:
    raise Done(json.dumps(said))


def staged() -> Iterator[tuple[Any, ...]]:
    """The rows of the export as the floor's table holds them."""
    for row in world.export():
        finished = row.finished
        yield (
            row.code, 1 + row.procedure, row.subject, row.applicant, 1, 1 + row.unit, 1 + row.officer,
            world.CHANNELS[row.channel], f"{row.received}", f"{row.due}", finished and f"{finished}",
            finished and f"{finished}", "Đã trả kết quả", "finished" if finished else "open",
            world.officer_name(row.officer), row.code.lower(), f"{world.AS_OF}", 2,
        )  # fmt: skip


def naive(file: Path) -> dict[str, Any]:
    """What anyone would write first: openpyxl row by row, one object a row, add_all. Known codes are looked up."""
    said: dict[str, Any] = {}
    with timed(said, "read"):
        book = openpyxl.load_workbook(file, read_only=True)
        sheet: Any = book.active
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
    source = db.session.scalars(select(Source)).first()
    db.session.rollback()
    with commit():
        if source is None:
            raise RuntimeError("no source")
        with timed(said, "write"):
            made = [
                Case(
                    code=f"N-{row[1]}", procedure_id=1, subject=row[6], applicant_name=row[5],
                    applicant_folded=row[5].lower(), resolving_unit_id=1, officer_id=1, officer_name=row[15],
                    channel="direct", received_at=row[8], due_at=row[9], due_precision="minute", finished_at=row[10],
                    finished_precision="minute" if row[10] else None, status_text=row[12],
                    meaning="finished" if row[10] else "open", data_as_of=world.AS_OF, source_id=source.id,
                    search=row[1].lower(),
                )
                for row in rows[:NAIVE_ROWS]
            ]  # fmt: skip
            db.session.add_all(made)
            db.session.flush()
        raise_after(said)
    return said


LABOURS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "fill": fill,
    "import": take,
    "weigh": weigh,
    "floor": floor,
    "naive": naive,
}


def main() -> None:
    """Do one labour and say what it took."""
    url, folder = os.environ["PORTAL_BENCH_URL"], Path(os.environ["PORTAL_BENCH_DATA"])
    allow_long_statements()
    app = create_app(Settings(database_url=url, secret_key=os.environ["PORTAL_SECRET_KEY"], data_dir=folder / "files"))  # type: ignore[arg-type]
    with app.app_context():
        db.session.execute(text("SELECT 1"))
        db.session.rollback()
        try:
            said = LABOURS[sys.argv[1]](Path(sys.argv[2]))
        except Done as done:
            said = json.loads(str(done))
    print(json.dumps(said))


if __name__ == "__main__":
    main()
