"""Set-based writing of what sources tell beside the facts of a case: pauses and steps. Inside the open ``commit()``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from portal.cases.models import Case, CaseChange, CaseStep, ComputedDue, Pause
from portal.cases.moving import Own, Ruling
from portal.cases.queries import SUPPLEMENT_FIELD
from portal.database import WallTime, copy_rows, db, dialect

TOLD = ("started_at", "ended_at", "reason", "due_before", "due_after", "batch_id")
"""What a pause told again may say otherwise."""
AT_ONCE = 500
RULINGS, OWN_COUNTS = "case_rulings", "case_own_counts"
"""Temporary tables."""


def _insert(model: Any) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of the database in use."""
    return (postgresql if dialect() == "postgresql" else sqlite).insert(model.__table__)


def _parts(rows: Sequence[Mapping[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    return ([dict(row) for row in rows[start : start + AT_ONCE]] for start in range(0, len(rows), AT_ONCE))


def write_pauses(rows: Sequence[Mapping[str, Any]]) -> int:
    """Pauses by the source's own number (``case_id``, ``source_ref``): new ones are written, others told anew change.

    The same again writes nothing. Says how many were written.
    """
    table: Any = Pause.__table__
    statement = _insert(Pause)
    new = statement.excluded
    same = [table.c[name].is_not_distinct_from(new[name]) for name in TOLD if name != "batch_id"]
    differs = ~same[0]
    for one in same[1:]:
        differs = differs | ~one
    statement = statement.on_conflict_do_update(
        index_elements=["case_id", "source_ref"], set_={name: new[name] for name in TOLD}, where=differs
    )
    written = 0
    for part in _parts(rows):
        written += len(db.session.execute(statement.values(part).returning(table.c.id)).all())
    return written


def write_rulings(rows: Sequence[tuple[int, Ruling]]) -> int:
    """Set what rules some cases (case, ruling), in one statement; says how many. Raises their version."""
    if not rows:
        return 0
    kind = "timestamp" if dialect() == "postgresql" else "DATETIME"
    end = " ON COMMIT DROP" if dialect() == "postgresql" else ""
    db.session.execute(text(f"DROP TABLE IF EXISTS {RULINGS}"))
    db.session.execute(
        text(
            f"CREATE TEMP TABLE {RULINGS} (case_id INTEGER PRIMARY KEY, due_at {kind}, due_precision VARCHAR(8), "
            f"moved_by VARCHAR(200), since {kind}){end}"
        )
    )
    written = (
        (case_id, _raw(one.due_at), one.precision, one.moved_by, _raw(one.paused_since)) for case_id, one in rows
    )
    copy_rows(RULINGS, ("case_id", "due_at", "due_precision", "moved_by", "since"), written)
    result: Any = db.session.execute(
        text(
            "UPDATE cases SET ruling_due_at = r.due_at, ruling_due_precision = r.due_precision, "  # noqa: S608
            "moved_by = r.moved_by, paused_since = r.since, version = cases.version + 1 "
            f"FROM {RULINGS} r WHERE r.case_id = cases.id"
        )
    )
    db.session.execute(text(f"DROP TABLE {RULINGS}"))
    for loaded in db.session.identity_map.values():
        if isinstance(loaded, Case):
            db.session.expire(loaded)
    return int(result.rowcount)


def own_counts(first_id: int, last_id: int) -> dict[int, tuple[datetime, str | None]]:
    """Our own counts as they stand, of the cases whose numbers lie between two: case to (due, difference)."""
    wanted = select(ComputedDue.case_id, ComputedDue.due_at, ComputedDue.difference)
    found = db.session.execute(wanted.where(ComputedDue.case_id.between(first_id, last_id)))
    return {row.case_id: (row.due_at, row.difference) for row in found}


def write_own_counts(rows: Sequence[Own], version_id: int) -> int:
    """Keep our own counts, in one statement; those without a count lose theirs. Says how many became another one."""
    kind = "timestamp" if dialect() == "postgresql" else "DATETIME"
    end = " ON COMMIT DROP" if dialect() == "postgresql" else ""
    db.session.execute(text(f"DROP TABLE IF EXISTS {OWN_COUNTS}"))
    db.session.execute(
        text(
            f"CREATE TEMP TABLE {OWN_COUNTS} (case_id INTEGER PRIMARY KEY, term_id INTEGER, due_at {kind}, "
            f"precision VARCHAR(8), difference VARCHAR(16), last_hour_rule BOOLEAN){end}"
        )
    )
    written = ((one.case_id, one.term_id, _raw(one.due_at), *one[3:]) for one in rows)
    copy_rows(OWN_COUNTS, ("case_id", "term_id", "due_at", "precision", "difference", "last_hour_rule"), written)
    changed = db.session.scalar(
        text(
            f"SELECT count(*) FROM {OWN_COUNTS} o LEFT JOIN computed_dues c ON c.case_id = o.case_id "  # noqa: S608
            "WHERE o.due_at IS DISTINCT FROM c.due_at OR o.difference IS DISTINCT FROM c.difference"
        )
    )
    columns = ("term_id", "due_at", "precision", "difference", "last_hour_rule", "calendar_version_id")
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns)
    db.session.execute(
        text(
            f"INSERT INTO computed_dues (case_id, {', '.join(columns)}) "  # noqa: S608
            f"SELECT case_id, {', '.join(columns[:-1])}, {int(version_id)} FROM {OWN_COUNTS} "
            f"WHERE term_id IS NOT NULL ON CONFLICT (case_id) DO UPDATE SET {sets}"
        )
    )
    gone = f"SELECT case_id FROM {OWN_COUNTS} WHERE term_id IS NULL"  # noqa: S608
    db.session.execute(text(f"DELETE FROM computed_dues WHERE case_id IN ({gone})"))  # noqa: S608
    db.session.execute(text(f"DROP TABLE {OWN_COUNTS}"))
    return int(changed or 0)


def _raw(moment: datetime | None) -> Any:
    """A moment for the driver without SQLAlchemy: SQLite keeps text of whole seconds."""
    if moment is None or dialect() == "postgresql":
        return moment
    return moment.isoformat(" ", "seconds")


def write_steps(rows: Sequence[Mapping[str, Any]]) -> set[tuple[int, str]]:
    """Steps of cases; one that was told before stays as it is. Gives (case, digest) of those that are new."""
    table: Any = CaseStep.__table__
    statement = _insert(CaseStep).on_conflict_do_nothing(index_elements=["case_id", "digest"])
    written: set[tuple[int, str]] = set()
    for part in _parts(rows):
        done = db.session.execute(statement.values(part).returning(table.c.case_id, table.c.digest))
        written.update((row.case_id, row.digest) for row in done)
    return written


def is_replaced() -> ColumnElement[bool]:
    """A further row stands in place of this pause."""
    later = aliased(Pause)
    return select(later.id).where(later.replaces_id == Pause.id).correlate(Pause).exists()


def note_repeated_supplements(case_ids: Iterable[int], batch_id: int | None) -> int:
    """Cases that were asked for a supplement more than once: the fact "again" stands once for each further asking.

    The citizen is asked for everything at once (Decree 118/2025); who asks again is seen, not judged, here.
    """
    wanted = sorted(set(case_ids))
    if not wanted:
        return 0
    place = func.row_number().over(partition_by=Pause.case_id, order_by=(Pause.started_at, Pause.id))
    before = func.lag(Pause.started_at, type_=WallTime()).over(
        partition_by=Pause.case_id, order_by=(Pause.started_at, Pause.id)
    )
    numbered = (
        select(Pause.case_id, Pause.started_at, place.label("place"), before.label("before"))
        .where(Pause.case_id.in_(wanted), Pause.kind == "supplement", Pause.voided.is_(False), ~is_replaced())
        .subquery()
    )
    found = db.session.execute(
        select(numbered.c.case_id, numbered.c.before, numbered.c.started_at).where(numbered.c.place > 1)
    ).all()
    noted = select(CaseChange.case_id, CaseChange.new)
    noted = noted.where(CaseChange.case_id.in_(wanted), CaseChange.kind == "supplement_again")
    known = {(row.case_id, row.new) for row in db.session.execute(noted)}
    rows = [
        {
            "case_id": row.case_id,
            "batch_id": batch_id,
            "field": SUPPLEMENT_FIELD,
            "old": f"{row.before:%Y-%m-%dT%H:%M:%S}",
            "new": f"{row.started_at:%Y-%m-%dT%H:%M:%S}",
            "kind": "supplement_again",
        }
        for row in found
    ]
    rows = [row for row in rows if (row["case_id"], row["new"]) not in known]
    if rows:
        db.session.execute(insert(CaseChange), rows)
    return len(rows)
