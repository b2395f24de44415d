"""The queue of large files: kept, read by the job, applied by the job, taken over when its worker is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.accountability.breaches.models import Breach
from portal.audit.models import AuditEvent
from portal.cases.models import Case
from portal.database import commit, db
from portal.directory.models import Unit
from portal.imports import aside, keeping, preparing, working
from portal.imports.jobs import work_on_batches
from portal.imports.models import Batch
from portal.imports.preparing import Upload, Wishes
from tests.databases import SECRET
from tests.imports import lists
from tests.imports.bringing import bring, count, newest
from tests.imports.lists import open_row, row, workbook

ROWS = 5_400
AT = datetime(2023, 10, 16, 9, 0)


def many(path: Path, n: int = ROWS) -> Path:
    """A large list: two late cases, one rejected row, the rest in time."""
    rows = [row(f"H16.25-{number:06d}") for number in range(n - 3)]
    rows += [row("LATE-1", finished="12/10/2023 09:00"), open_row("OVERDUE-1"), row("BAD", due="sai")]
    return lists.text(path, rows)


def run(seconds_later: float = 0) -> dict[str, int]:
    """One run of the job, as the timetable does it."""
    db.session.rollback()
    return work_on_batches(clock.today(), clock.now() + timedelta(seconds=seconds_later))


# --- how large a file is


@pytest.mark.parametrize(("n", "large"), [(10, False), (4_999, False), (5_001, True)])
def test_rows_are_estimated_without_reading(tmp_path: Path, n: int, large: bool) -> None:
    rows = [row(f"A{number}") for number in range(n)]

    for path in (
        lists.text(tmp_path / "l.csv", rows),
        lists.text(tmp_path / "l.tsv", rows, encoding="utf-16", delimiter="\t"),
        workbook(tmp_path / "l.xlsx", rows),
    ):
        assert keeping.is_large(Upload(path, path.name)) is large


def test_a_damaged_file_is_not_large(tmp_path: Path) -> None:
    for name, content in (("a.xlsx", b"PK\x03\x04 broken"), ("b.xls", b"\xd0\xcf\x11\xe0" + b"0" * 99), ("c.csv", b"")):
        (tmp_path / name).write_bytes(content)
        assert not keeping.is_large(Upload(tmp_path / name, name))


# --- the road of a large file


def test_a_large_file_waits_and_is_read_and_applied_by_the_job(
    office: FlaskClient, unit: Unit, tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    at(AT)
    answer = bring(office, many(tmp_path / "l.csv"), as_of="16/10/2023 08:00")

    assert (newest().state, count(Case)) == ("waiting", 0)
    page = office.get(answer.location).text
    assert "Lô 1 đến đâu rồi?" in page and "<progress" in page and 'hx-trigger="every 2s"' in page
    assert run() == {"previewed": 1}
    batch = newest()
    assert (batch.counts["rows"], batch.rows_new, batch.rows_rejected) == (ROWS, ROWS - 1, 1)
    assert (batch.phase, batch.fault, count(Case)) == (None, None, 0)

    assert "chờ ghi" in office.get(office.post("/imports/1/apply").location).text
    assert (newest().state, count(Case)) == ("to_apply", 0)
    assert run() == {"applied": 1}
    assert count(Case) == ROWS - 1
    assert count(Breach) == 2
    assert newest().applied_by == newest().uploaded_by
    assert count(AuditEvent, AuditEvent.kind == "batch.queued") == 1
    assert run() == {}


def test_the_progress_is_polled_and_ends_on_the_page(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, many(tmp_path / "l.csv"))
    ident, worker = working.claim(clock.now()) or (0, "")
    working.Pulse(ident, worker)("checked", 2_000, ROWS)
    asked = {"HX-Request": "true"}

    fragment = office.get("/imports/1/progress", headers=asked).text

    assert "2.000 trên 5.400 dòng" in fragment and "<html" not in fragment
    assert 'max="5400" value="2000"' in fragment and "style=" not in fragment
    assert office.get("/imports/1/progress").location.endswith("/imports/1")
    working.work_on(ident, worker, clock.today())
    assert office.get("/imports/1/progress", headers=asked).headers["HX-Redirect"].endswith("/imports/1")


def test_how_far_the_writing_is_can_be_seen_before_it_is_done(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, many(tmp_path / "l.csv"))
    run()
    office.post("/imports/1/apply")
    ident, worker = working.claim(clock.now()) or (0, "")
    working.Pulse(ident, worker)("applied", 0, ROWS)
    asked = {"HX-Request": "true"}

    begun = office.get("/imports/1/progress", headers=asked).text
    assert "0 trên 5.400 dòng" in begun and "max=" not in begun
    with commit():
        working.Pulse(ident, worker)("applied", 2_000, ROWS)
        sign = aside.seen(db.session.get_one(Batch, ident))
    assert sign is not None and (sign.done, sign.total) == (2_000, ROWS)
    fragment = office.get("/imports/1/progress", headers=asked).text
    assert "2.000 trên 5.400 dòng" in fragment and 'max="5400" value="2000"' in fragment

    aside.note(ident, "somebody else", 9, 9, clock.now())
    assert "9 trên 9 dòng" not in office.get("/imports/1/progress", headers=asked).text
    assert working.work_on(ident, worker, clock.today()) == "applied"
    assert aside.seen(newest()) is None and count(Case) == ROWS - 1


def test_reading_tells_its_rows_as_they_come(unit: Unit, tmp_path: Path) -> None:
    path, told = many(tmp_path / "l.csv"), []

    preparing.prepare(Upload(path, path.name), Wishes(), at=clock.now(), progress=lambda *said: told.append(said))

    read = [done for phase, done, _total in told if phase == "read"]
    assert len(read) > 3 and read[:-1] == sorted(read[:-1])
    assert told[-2:] == [("read", ROWS, ROWS), ("checked", ROWS, ROWS)]


def test_who_brought_it_is_told_once(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, many(tmp_path / "l.csv"))
    assert "/imports/1" not in office.get("/").text
    run()

    home = office.get("/").text
    assert "Lô 1" in home and "/imports/1" in home
    assert office.get("/imports/1").status_code == 200
    assert "/imports/1" not in office.get("/").text


def test_columns_and_sheets_are_asked_by_the_job_too(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    headings = ("Mã hồ sơ", "Ngày nhận", "Ngày nhận", "Ngày hẹn trả", "Cơ quan giải quyết")
    rows = [[f"A{n}", "01/09/2023", "02/10/2023", "10/10/2023", unit.name] for n in range(ROWS)]
    bring(office, lists.text(tmp_path / "l.csv", rows, headings=headings))

    assert run() == {"uploaded": 1}
    assert "Trong lô 1 cột nào chứa gì?" in office.get("/imports/1").text
    chosen = {"column_code": "0", "column_received": "2", "column_due": "3", "column_unit": "4", "order": "day_first"}
    office.post("/imports/1/columns", data=chosen)
    assert newest().state == "waiting"
    assert run() == {"previewed": 1}
    assert newest().rows_new == ROWS


def test_a_file_that_cannot_be_read_says_why_and_is_tried_again(
    office: FlaskClient, unit: Unit, tmp_path: Path
) -> None:
    lines = "\r\n".join(f"{n};không có gì" for n in range(6_000))
    (tmp_path / "l.csv").write_text(lines, encoding="utf-8")
    bring(office, tmp_path / "l.csv")

    assert run() == {"failed": 1}
    page = office.get("/imports/1").text
    assert "Vì sao lô 1 không được nhận?" in page and "dòng tiêu đề" in page
    office.post("/imports/1/retry")
    assert newest().state == "waiting"


def test_what_moved_since_the_preview_is_shown_not_applied(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, many(tmp_path / "l.csv"))
    run()
    bring(office, lists.text(tmp_path / "s.csv", [row("H16.25-000001")]))
    office.post("/imports/2/apply")
    office.post("/imports/1/apply")

    assert run() == {"previewed": 1}
    assert (db.session.get_one(Batch, 1).rows_unchanged, count(Case)) == (1, 1)
    assert "Từ lúc xem trước đã có thay đổi" in office.get("/imports/1").text


def test_a_small_file_never_waits(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, lists.text(tmp_path / "l.csv", [row("A")]))

    assert newest().state == "previewed"


def test_a_queue_nobody_works_on_says_what_to_do(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, many(tmp_path / "l.csv"))
    assert "portal scheduler" not in office.get("/imports/1").text
    with commit():
        db.session.get_one(Batch, 1).worked_at = clock.now() - timedelta(minutes=5)

    assert "portal scheduler" in office.get("/imports/1").text


# --- workers that die


def claimed(seconds_later: float = 0) -> Any:
    """What a worker gets that asks for work."""
    db.session.rollback()
    return working.claim(clock.now() + timedelta(seconds=seconds_later))


def test_two_workers_never_have_one_batch(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, many(tmp_path / "l.csv"))

    assert claimed() is not None
    assert claimed() is None
    assert claimed(seconds_later=30) is None


def test_a_worker_that_lost_its_batch_writes_nothing(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, many(tmp_path / "l.csv"))
    first = claimed()
    second = claimed(seconds_later=61)
    assert first and second and first[0] == second[0] and first[1] != second[1]

    assert working.work_on(*first, clock.today()) == "taken_over"
    assert newest().state == "reading"
    assert working.work_on(*second, clock.today()) == "previewed"


def test_a_file_that_kills_every_worker_is_given_up(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, many(tmp_path / "l.csv"))
    for number in range(4):
        assert claimed(seconds_later=number * 61) is not None

    assert claimed(seconds_later=4 * 61) is None
    assert newest().state == "failed"
    assert "4 lần" in office.get("/imports/1").text


WORKER = textwrap.dedent("""
    import signal, sys
    from datetime import date
    from sqlalchemy import Engine, event
    from portal import clock
    from portal.app import create_app
    from portal.config import Settings
    from portal.imports.jobs import work_on_batches
    url, secret, data_dir, stop_at = sys.argv[1:]

    @event.listens_for(Engine, "before_cursor_execute")
    def stand_still(connection, cursor, statement, parameters, context, executemany):
        if stop_at in statement:
            print("here", flush=True)
            signal.pause()

    with create_app(Settings(database_url=url, secret_key=secret, data_dir=data_dir)).app_context():
        work_on_batches(date(2023, 10, 16), clock.now())
""")


def kill_a_worker(url: str, data_dir: Path, stop_at: str) -> None:
    """Start a worker in a process of its own and kill it (-9) when it is about to run a statement."""
    command = [sys.executable, "-c", WORKER, url, SECRET, str(data_dir), stop_at]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "here\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stop_at", "is_applied"),
    [
        ("FROM postings", False),
        ("FROM pending_rows", False),
        ("INSERT INTO audit_events", False),
        ("INSERT INTO breaches", True),
    ],
    ids=["checking", "writing", "before the commit", "after the commit"],
)
def test_a_killed_worker_leaves_a_batch_that_is_resumed_and_applied_once(
    office: FlaskClient, unit: Unit, tmp_path: Path, database_url: str, stop_at: str, is_applied: bool
) -> None:
    bring(office, many(tmp_path / "l.csv"), as_of="16/10/2023 08:00")
    run()
    office.post("/imports/1/apply")

    kill_a_worker(database_url, tmp_path / "files", stop_at)

    assert count(Case) == (ROWS - 1 if is_applied else 0)
    assert newest().state == ("applied" if is_applied else "applying")
    assert run() == {}
    assert run(seconds_later=61) == ({} if is_applied else {"applied": 1})
    assert (newest().state, count(Case)) == ("applied", ROWS - 1)
    assert count(AuditEvent, AuditEvent.kind == "batch.applied") == 1
    assert run(seconds_later=200) == {}


@pytest.mark.slow
def test_a_worker_killed_while_reading_is_taken_over(
    office: FlaskClient, unit: Unit, tmp_path: Path, database_url: str
) -> None:
    bring(office, many(tmp_path / "l.csv"))

    kill_a_worker(database_url, tmp_path / "files", "FROM postings")

    assert (newest().state, newest().phase) == ("reading", "read")
    assert run(seconds_later=61) == {"previewed": 1}
    assert newest().rows_new == ROWS - 1
