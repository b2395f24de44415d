"""The doctor: looks at everything durability, evidence and counting rest on, and changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.audit.actions import verify_chain
from portal.calendars.models import DayNumber
from portal.database import POSTGRESQL_SETTINGS, db
from portal.documents.models import StoredFile
from portal.imports.models import Batch
from portal.imports.rules import BatchState
from portal.jobs.board import machine_moment
from portal.jobs.messages import ALARMS
from portal.jobs.queries import health
from portal.jobs.rules import Trouble
from portal.policy.models import Cause, PolicyValue
from portal.schema import APPEND_ONLY
from portal.upkeep.rules import SAFE_SQLITE, Finding, State

SQLITE_WANTED = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "recursive_triggers": "1"}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
GUARDS = {"sqlite": ("no_update", "no_delete", "no_replace"), "postgresql": ("no_change", "no_truncate")}
CALENDAR_AHEAD = timedelta(days=60)
OLD_DATA = timedelta(days=4)
LEAST_FREE = 1 << 30


def examine(*, head: str, store: Path, now: datetime) -> list[Finding]:
    """Look at every point. ``head``: the newest revision; ``now``: business time, as wall time."""
    engine, session = db.engine, db.session()
    product = engine.dialect.name
    findings = list(_database(engine, session, product))
    if not inspect(engine).has_table("alembic_version"):
        return [*findings, Finding("schema", State.BAD, "cơ sở dữ liệu trống: hãy chạy portal upgrade")]
    findings.append(_schema(session, head))
    if findings[-1].state is State.BAD:
        return findings
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _guards(session, product),
        _trail,
        lambda: _reference(session, now.date()),
        lambda: _last_batch(session, now),
        _jobs,
        lambda: _files(session, store),
        lambda: _rights(session, product),
    )
    return findings + [finding for look in looks for finding in look()]


def _judge(name: str, wrong: dict[str, str] | list[str], good: str, state: State = State.BAD) -> Finding:
    told = [f"{key} là {value}" for key, value in wrong.items()] if isinstance(wrong, dict) else wrong
    return Finding(name, state if told else State.GOOD, "; ".join(told[:5]) or good)


def _database(engine: Engine, session: Session, product: str) -> Iterator[Finding]:
    version = engine.dialect.server_version_info or session.connection().dialect.server_version_info or ()
    name = ".".join(str(part) for part in version)
    if product == "sqlite":
        old = tuple(version) < SAFE_SQLITE
        advice = f"SQLite {name}: đừng để chương trình nào khác ghi vào tệp này, hoặc dùng SQLite từ 3.51.3, PostgreSQL"
        yield Finding("version", State.WARNING if old else State.GOOD, advice if old else f"SQLite {name}")
        found = {pragma: str(session.execute(text(f"PRAGMA {pragma}")).scalar()) for pragma in SQLITE_WANTED}
        wrong = {pragma: value for pragma, value in found.items() if value != SQLITE_WANTED[pragma]}
        yield _judge("settings", wrong, "WAL, synchronous FULL, foreign keys, recursive triggers")
        yield _judge("integrity", _sqlite_faults(session), "quick_check và foreign_key_check không có lỗi")
        return
    yield Finding("version", State.GOOD, f"PostgreSQL {name}")
    settings = {setting: _show(session, setting) for setting in POSTGRESQL_SETTINGS}
    yield _judge("settings", {k: v for k, v in settings.items() if v in ("0", "")}, "đã đặt giới hạn thời gian")
    found = {setting: _show(session, setting) for setting in DURABLE}
    told = {setting: value for setting, value in found.items() if value != DURABLE[setting]}
    yield _judge("durability", told, "fsync, full_page_writes và synchronous_commit đang bật")


def _show(session: Session, setting: str) -> str:
    return str(session.execute(text("SELECT current_setting(:s)"), {"s": setting}).scalar())


def _sqlite_faults(session: Session) -> list[str]:
    verdict = session.execute(text("PRAGMA quick_check")).scalar()
    broken = session.execute(text("PRAGMA foreign_key_check")).fetchall()
    return ([f"quick_check: {verdict}"] if verdict != "ok" else []) + [
        f"{row[0]} trỏ tới chỗ không có" for row in broken
    ]


def _schema(session: Session, head: str) -> Finding:
    found = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return _judge("schema", [] if found == head else [f"{found}, cần {head}: hãy chạy portal upgrade"], str(found))


def _guards(session: Session, product: str) -> Iterator[Finding]:
    """Every append-only table has its triggers, and on PostgreSQL none is switched off."""
    statement = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'",
    }[product]
    present = set(session.execute(text(statement)).scalars())
    wanted = {f"{table}_{guard}" for table in APPEND_ONLY for guard in GUARDS[product]}
    wrong = [f"{name} thiếu hoặc đang tắt" for name in sorted(wanted - present)]
    yield _judge("append-only", wrong, f"{len(wanted)} chốt giữ {len(APPEND_ONLY)} bảng")


def _trail() -> Iterator[Finding]:
    count, bad = verify_chain()
    wrong = [f"nhật ký bị đứt ở sự kiện {bad}"] if bad is not None else []
    yield _judge("trail", wrong, f"đã kiểm chứng {count} sự kiện")


def _reference(session: Session, today: date) -> Iterator[Finding]:
    last = session.scalar(select(func.max(DayNumber.day)))
    if last is None:
        yield Finding("calendar", State.BAD, "chưa nạp lịch làm việc: hãy chạy portal upgrade")
    else:
        short = [f"lịch chỉ đến {last:%d/%m/%Y}"] if last < today + CALENDAR_AHEAD else []
        yield _judge("calendar", short, f"đã nạp đến {last:%d/%m/%Y}", State.WARNING)
    rules = session.scalar(select(func.count()).select_from(PolicyValue)) or 0
    causes = session.scalar(select(func.count()).select_from(Cause)) or 0
    missing = [] if rules and causes else ["chưa nạp quy tắc hoặc nguyên nhân: hãy chạy portal upgrade"]
    yield _judge("policy", missing, f"{rules} giá trị, {causes} nguyên nhân")


def _last_batch(session: Session, now: datetime) -> Iterator[Finding]:
    newest = session.execute(
        select(Batch.id, Batch.data_as_of)
        .where(Batch.state == BatchState.APPLIED, Batch.data_as_of.is_not(None))
        .order_by(Batch.data_as_of.desc())
        .limit(1)
    ).first()
    if newest is None:
        yield Finding("last batch", State.WARNING, "chưa nhập danh sách hồ sơ nào")
        return
    told = f"lô {newest.id}, số liệu đến {newest.data_as_of:%H:%M %d/%m/%Y}"
    old = now - newest.data_as_of > OLD_DATA
    yield Finding("last batch", State.WARNING if old else State.GOOD, told + (", đã cũ" if old else ""))


def _jobs() -> Iterator[Finding]:
    """What the home page says of the scheduler; in real time, whatever clock is set."""
    found = health(clock.now())
    if found.trouble is None:
        told = f"máy lịch chạy lần cuối {machine_moment(found.last_beat)}" if found.last_beat else ""
        yield Finding("jobs", State.GOOD, told)
        return
    state = State.WARNING if found.trouble is Trouble.NEVER else State.BAD
    yield Finding("jobs", state, f"{ALARMS[found.trouble].what} {ALARMS[found.trouble].then}")


def _files(session: Session, store: Path) -> Iterator[Finding]:
    """Every file a row speaks of is there with its size; ``restore`` and reading check the content."""
    rows = session.execute(select(StoredFile.sha256, StoredFile.size)).all()
    wrong = [
        f"{sha256[:12]}… thiếu hoặc khác kích thước"
        for sha256, size in rows
        if not (path := store / sha256[:2] / sha256).is_file() or path.stat().st_size != size
    ]
    yield _judge("files", wrong, f"{len(rows)} tệp")
    place = next(folder for folder in (store, *store.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    full = [f"chỉ còn trống {free >> 20} MiB"] if free < LEAST_FREE else []
    yield _judge("disk", full, f"còn trống {free >> 30} GiB", State.WARNING)


def _rights(session: Session, product: str) -> Iterator[Finding]:
    """On PostgreSQL the portal should not own the tables whose rows it must not be able to change."""
    if product == "sqlite":
        return
    owner = session.execute(
        text("SELECT pg_has_role(current_user, c.relowner, 'USAGE') FROM pg_class c WHERE c.relname = 'audit_events'")
    ).scalar()
    advice = ["vai trò của cổng sở hữu nhật ký nên có thể tắt chốt giữ: xem docs/operate.md"] if owner else []
    yield _judge("rights", advice, "vai trò của cổng không sở hữu các bảng", State.WARNING)
