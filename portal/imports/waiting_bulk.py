"""Set-based writing of what waits for people, and of remarks on rows, inside the open ``commit()``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.database import copy_rows, db, dialect
from portal.imports.models import BEFORES_KEPT, BatchRow, PendingRow, SourceName
from portal.imports.placing import WaitingName
from portal.imports.rules import NameKind, NameState, Remark
from portal.imports.staging import CODES, LISTED, among, listed, unstage

LONGEST_HEADING = 300


def write_remarks(batch_id: int, remarks: Iterable[tuple[str, Remark]]) -> None:
    """What a batch says of its rows: (kind, remark) pairs."""
    columns = ("batch_id", "kind", "row_number", "heading", "value", "reason", "facts")
    rows = (
        (
            batch_id,
            kind,
            remark.row,
            (remark.column or "")[:LONGEST_HEADING] or None,
            remark.value,
            remark.reason,
            json.dumps({**remark.facts, "sheet": remark.sheet} if remark.sheet else remark.facts, ensure_ascii=False),
        )
        for kind, remark in remarks
    )
    copy_rows("batch_rows", columns, rows)


def forget_remarks(batch_id: int) -> None:
    """Remove what an earlier preview of the same batch said."""
    rows: Any = BatchRow.__table__
    db.session.execute(rows.delete().where(rows.c.batch_id == batch_id))


def write_pending(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows without a unit: one a code, the newer data win, the same again writes nothing.

    ``before`` of a row that replaces another keeps the other one, with what that one had replaced.
    """
    if not rows:
        return
    waiting: Any = PendingRow.__table__
    known = _waiting_now([row["code"] for row in rows])
    statement = _insert(waiting)
    new = statement.excluded
    told = ("unit_text", "unit_folded", "batch_id", "source_id", "data_as_of", "payload", "before")
    differs = (
        (waiting.c.payload != new.payload)
        | (waiting.c.unit_folded != new.unit_folded)
        | (waiting.c.data_as_of < new.data_as_of)
        | waiting.c.settled_at.is_not(None)
    )
    statement = statement.on_conflict_do_update(
        index_elements=[waiting.c.code],
        set_={**{name: new[name] for name in told}, "settled_at": None},
        where=(waiting.c.data_as_of <= new.data_as_of) & differs,
    )
    db.session.execute(statement, [{**row, "before": known.get(row["code"])} for row in rows])


def _waiting_now(codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The rows that stand under these codes, as they are kept for undoing."""
    waiting: Any = PendingRow.__table__
    names = ("unit_text", "unit_folded", "batch_id", "source_id", "data_as_of", "payload", "settled_at", "before")
    found = {}
    listed(codes)
    for row in db.session.execute(select(waiting).where(text(f"code IN (SELECT code FROM {LISTED})"))):  # noqa: S608
        kept = {name: row._mapping[name] for name in names}
        kept["before"] = _less_deep(kept["before"], BEFORES_KEPT - 1)
        found[row.code] = {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in kept.items()
        }
    unstage(LISTED)
    return found


def _less_deep(before: Mapping[str, Any] | None, levels: int) -> dict[str, Any] | None:
    """What a row had replaced, so many levels back at most."""
    if before is None or levels == 0:
        return None
    return {**before, "before": _less_deep(before.get("before"), levels - 1)}


def settle_pending(at: datetime) -> None:
    """Rows that waited and have become cases: those of the staged codes. None waits as a rule."""
    waiting: Any = PendingRow.__table__
    if not db.session.scalar(select(exists().where(waiting.c.settled_at.is_(None)))):
        return
    db.session.execute(
        update(waiting)
        .where(waiting.c.settled_at.is_(None), text(f"code IN (SELECT code FROM {CODES})"))  # noqa: S608
        .values(settled_at=at)
    )


def queue_names(names: Iterable[WaitingName], batch_id: int, at: datetime) -> None:
    """Put names into the queue; those that stand in it already stay as they are."""
    rows = [
        {
            "kind": (NameKind.UNIT if name.unit_id is None else NameKind.OFFICER).value,
            "scope": "" if name.unit_id is None else str(name.unit_id),
            "unit_id": name.unit_id,
            "text": name.text,
            "folded": name.key[:300],
            "state": NameState.WAITING.value,
            "batch_id": batch_id,
            "made_at": at,
            "version": 1,
        }
        for name in names
    ]
    if rows:
        statement = _insert(SourceName.__table__)
        db.session.execute(statement.on_conflict_do_nothing(index_elements=["kind", "scope", "folded"]), rows)


def _insert(model: Any) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of the database in use."""
    return (postgresql if dialect() == "postgresql" else sqlite).insert(model)


def assign_officer(case_ids: Sequence[int], person_id: int) -> None:
    """The officer of cases whose printed name a person has mapped."""
    if not case_ids:
        return
    condition, values = among(case_ids)
    db.session.execute(
        text(
            f"UPDATE cases SET officer_id = :person, version = version + 1 "  # noqa: S608
            f"WHERE id {condition} AND officer_id IS NULL"
        ),
        {"person": person_id, **values},
    )
