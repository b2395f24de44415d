"""The page "did last night run?", the line on the home page, the doctor and the commands say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal import clock
from portal.audit.models import AuditEvent
from portal.database import db
from portal.demo.models import DemoState
from portal.jobs.board import machine_moment
from portal.jobs.models import JobRun, SchedulerBeat
from portal.jobs.timetable import TIMETABLE
from tests.conftest import Ran
from tests.factories import Make

MOST_QUERIES = 12
NAMES = [job.name for job in TIMETABLE if hasattr(job, "at")]
READERS = ("administrator", "monitoring_office", "it_authority", "auditor")
NEVER, SILENT, FAILED = "máy lịch chưa được khởi động", "Hơn 26 giờ qua", "Đêm qua có việc tự động bị lỗi"


@pytest.fixture
def beat(make: Make) -> Callable[..., SchedulerBeat]:
    """A scheduler that gave its last sign of life some time ago."""

    def made(ago: timedelta = timedelta(), *, since: timedelta = timedelta(days=30)) -> SchedulerBeat:
        at = clock.now()
        facts = {"first_at": at - since, "leads_since": at - since, "beat_at": at - ago}
        return make.add(SchedulerBeat(id=1, worker="may-chu:1:1:1", **facts))

    return made


@pytest.fixture
def ran(make: Make) -> Callable[..., JobRun]:
    """A daily run that ended some time ago."""

    def made(job: str, ago: timedelta = timedelta(hours=1), **more: Any) -> JobRun:
        at = clock.now() - ago
        facts = {"slot": f"{clock.in_vietnam(at):%Y-%m-%d}", "state": "done", "attempt": 1, "worker": "may-chu:1:1:1"}
        facts |= {"started_at": at, "beat_at": at, "finished_at": at, "tally": {"opened": 1234}, "is_catch_up": False}
        return make.add(JobRun(job=job, **{**facts, **more}))

    return made


@pytest.fixture
def quiet(beat: Any, ran: Any) -> None:
    """A portal on which all is well."""
    beat()
    for name in NAMES:
        ran(name)


@contextmanager
def statements() -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def text_of(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


@pytest.mark.parametrize("role", READERS)
def test_the_page_answers_in_few_queries(quiet: None, ran: Any, signed_in: Any, role: str) -> None:
    ran("open_breaches", timedelta(days=1, hours=1), is_catch_up=True, attempt=2)
    client = signed_in(role)
    client.get("/jobs")

    with statements() as found:
        text = text_of(client, "/jobs")

    assert len(found) <= MOST_QUERIES, "\n".join(found)
    assert "không việc nào lỗi" in text
    assert "Mở vi phạm cùng nghĩa vụ kèm theo" in text
    assert "mở mới vi phạm: 1.234" in text
    assert "bù" in text
    assert "lần thứ 2" in text


@pytest.mark.parametrize("role", ["officer", "head", "clerk", "home_affairs", "chair"])
def test_others_do_not_read_it(signed_in: Any, role: str) -> None:
    assert signed_in(role).get("/jobs").status_code == 403


def test_a_failed_job_stands_red_with_its_reason(quiet: None, make: Make, signed_in: Any, portal: Any) -> None:
    run = db.session.scalars(select(JobRun).where(JobRun.job == "verify_trail")).one()
    facts = {"slot": (clock.in_vietnam(clock.now()) + timedelta(days=1)).date().isoformat(), "state": "failed"}
    again = {"attempt": 3, "worker": run.worker, "started_at": run.started_at, "beat_at": run.beat_at, "tally": {}}
    make.add(JobRun(job=run.job, error="jobs.trail_broken", error_facts={"seq": 7}, **facts, **again))
    client = signed_in("administrator")

    page, home = text_of(client, "/jobs"), text_of(client, "/")

    assert "Nhật ký không khớp ở sự kiện 7" in page
    assert "tag-overdue" in page
    assert FAILED in page and FAILED in home
    assert 'href="/jobs"' in home
    assert portal("jobs", "status").json["trouble"] == "failed"
    assert FAILED in doctor_on_jobs(portal)[1]


def test_an_unknown_count_and_a_job_no_longer_in_the_timetable_are_shown(quiet: None, ran: Any, signed_in: Any) -> None:
    ran("an_older_job", tally={"something": 2})

    text = text_of(signed_in("auditor"), "/jobs")

    assert "an_older_job" in text
    assert "something: 2" in text


def test_older_nights_can_be_paged(quiet: None, ran: Any, signed_in: Any) -> None:
    ran("verify_trail", timedelta(days=9))
    client = signed_in("auditor")
    older = (clock.in_vietnam(clock.now()) - timedelta(days=7)).date()

    assert f"to={older.isoformat()}" in text_of(client, "/jobs")
    assert "Đêm gần hơn" in text_of(client, f"/jobs?to={older.isoformat()}")
    for nonsense in ("x", "0001-01-01", "9999-12-31", "2026-02-30"):
        assert client.get(f"/jobs?to={nonsense}").status_code == 200


@pytest.mark.parametrize("role", [*READERS, "home_affairs", "chair"])
def test_the_home_page_is_quiet_when_all_is_well(quiet: None, signed_in: Any, at: Any, role: str) -> None:
    at(datetime(2026, 9, 1, 9, 0))  # before the days off of the next year must be known
    client = signed_in(role)
    client.get("/")

    with statements() as found:
        text = text_of(client, "/")

    assert len(found) <= MOST_QUERIES, "\n".join(found)
    assert f"Máy lịch chạy lần cuối {machine_moment(clock.now())[:2]}" in text
    assert 'role="alert"' not in text.partition('id="toast"')[0]
    assert ('href="/jobs"' in text) == (role in READERS)


@pytest.mark.parametrize("role", ["officer", "head", "clerk"])
def test_those_who_cannot_help_are_not_troubled(signed_in: Any, role: str) -> None:
    text = text_of(signed_in(role), "/")

    assert NEVER not in text
    assert "Máy lịch" not in text


def test_a_portal_without_scheduler_says_so(signed_in: Any, portal: Any) -> None:
    client = signed_in("monitoring_office")

    assert NEVER in text_of(client, "/")
    assert NEVER in text_of(client, "/jobs")
    assert doctor_on_jobs(portal) == ("warning", doctor_on_jobs(portal)[1])
    assert portal("jobs", "status").exit_code == 2


@pytest.mark.parametrize("hours", [25, 27])
def test_silence_of_26_hours_raises_the_alarm(beat: Any, ran: Any, signed_in: Any, portal: Any, hours: int) -> None:
    beat(timedelta(hours=hours))
    for name in NAMES:
        ran(name, timedelta(hours=hours))

    text = text_of(signed_in("chair"), "/")

    assert (SILENT in text) == (hours > 26)
    assert ("portal scheduler" in text) == (hours > 26)
    assert doctor_on_jobs(portal)[0] == ("bad" if hours > 26 else "good")


def test_a_scheduler_that_beats_but_ends_nothing_is_found_out(beat: Any, ran: Any, signed_in: Any) -> None:
    beat()
    ran("open_breaches", timedelta(hours=27))

    assert SILENT in text_of(signed_in("chair"), "/")


def test_the_set_clock_of_a_demonstration_does_not_matter(
    quiet: None, make: Make, signed_in: Any, at: Callable[[datetime], None], portal: Any
) -> None:
    moment = datetime(2023, 10, 16, 9, 30)
    make.add(DemoState(id=1, clock=moment, made_at=clock.now()))
    at(moment)

    text = text_of(signed_in("chair"), "/")

    assert SILENT not in text
    assert f"Máy lịch chạy lần cuối {machine_moment(clock.now())[:2]}" in text


def doctor_on_jobs(portal: Callable[..., Ran]) -> tuple[str, str]:
    """The doctor's judgement of the scheduler and its words."""
    (check,) = [check for check in portal("doctor").json["checks"] if check["name"] == "jobs"]
    return check["state"], check["detail"]


def today() -> str:
    return f"{clock.in_vietnam(clock.now()):%Y-%m-%d}"


def test_once_runs_a_slot_once(app: Flask, portal: Callable[..., Ran]) -> None:
    first, second = portal("jobs", "once", "verify_trail"), portal("jobs", "once", "verify_trail")
    again = portal("jobs", "once", "verify_trail", "--again")

    assert [done.exit_code for done in (first, second, again)] == [0, 0, 0]
    assert [done.json["ran"] for done in (first, second, again)] == [True, False, True]
    assert [done.json["attempt"] for done in (first, second, again)] == [1, 1, 2]
    assert first.json["slot"] == today()
    assert "đã chạy lúc" in second.stderr


def test_once_takes_a_day(make: Make, portal: Callable[..., Ran]) -> None:
    make.case()

    done = portal("jobs", "once", "open_breaches", "--on", "16/10/2023")

    assert (done.json["slot"], done.json["tally"]["opened"]) == ("2023-10-16", 1)
    actor = db.session.scalars(select(AuditEvent.actor).order_by(AuditEvent.seq.desc())).first()
    assert actor.startswith("command line: ") and actor.endswith(": open_breaches")


def test_once_says_why_a_job_failed(portal: Callable[..., Ran]) -> None:
    done = portal("jobs", "once", "open_breaches", "--on", "2019-01-02")

    assert done.exit_code == 2
    assert (done.json["ran"], done.json["state"], done.json["error"]) == (True, "failed", "calendars.year_missing")
    assert "2019" in done.json["problems"][0]["reason"]
    assert "2019" in done.stderr


def test_once_refuses_what_is_no_slot(portal: Callable[..., Ran]) -> None:
    unknown, to_come = portal("jobs", "once", "dance"), portal("jobs", "once", "verify_trail", "--on", "2199-01-01")

    assert (unknown.exit_code, to_come.exit_code) == (2, 2)
    assert "portal jobs list" in unknown.stderr
    assert "chưa đến" in to_come.stderr


def test_once_does_not_run_beside_the_scheduler(ran: Any, portal: Callable[..., Ran]) -> None:
    ran("verify_trail", timedelta(), state="running", finished_at=None, slot=today())

    done = portal("jobs", "once", "verify_trail")

    assert done.exit_code == 2
    assert "đang chạy từ" in done.stderr


def test_the_list_names_every_job(portal: Callable[..., Ran]) -> None:
    assert [job["name"] for job in portal("jobs", "list").json["jobs"]] == [job.name for job in TIMETABLE]


def test_status_tells_of_every_job(quiet: None, portal: Callable[..., Ran]) -> None:
    done = portal("jobs", "status")

    assert done.exit_code == 0
    assert done.json["trouble"] is None
    assert {job["job"] for job in done.json["jobs"]} == {job.name for job in TIMETABLE}
