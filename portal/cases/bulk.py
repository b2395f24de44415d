"""Set-based writing of what sources tell beside the facts of a case: pauses and steps. Inside the open ``commit()``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from portal.cases.models import CaseChange, CaseStep, Pause
from portal.database import WallTime, db, dialect

TOLD = ("started_at", "ended_at", "reason", "due_before", "due_after", "batch_id")
"""What a pause told again may say otherwise."""
AT_ONCE = 500
SUPPLEMENT_FIELD = "supplement_asked"


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


def write_steps(rows: Sequence[Mapping[str, Any]]) -> set[tuple[int, str]]:
    """Steps of cases; one that was told before stays as it is. Gives (case, digest) of those that are new."""
    table: Any = CaseStep.__table__
    statement = _insert(CaseStep).on_conflict_do_nothing(index_elements=["case_id", "digest"])
    written: set[tuple[int, str]] = set()
    for part in _parts(rows):
        done = db.session.execute(statement.values(part).returning(table.c.case_id, table.c.digest))
        written.update((row.case_id, row.digest) for row in done)
    return written


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
        .where(Pause.case_id.in_(wanted), Pause.source_ref.is_not(None))
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
