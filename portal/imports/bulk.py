"""Set-based writing of an import, inside the open ``commit()``. Reviewed SQL; names of tables and columns are ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, select, text

from portal.cases.rules import ENDED_MEANINGS
from portal.database import copy_columns, copy_rows, db, dialect, in_sql, numbered
from portal.imports.comparing import taken
from portal.imports.models import BatchChange
from portal.imports.placing import searchable
from portal.imports.planning import Change
from portal.imports.staging import CASES, LISTED, SLAB, Met, among, kind, listed, moment, temporary, unstage
from portal.imports.texts import written_moment

CHANGED, ASKED, MISSING = "import_changed", "import_asked", "import_missing"
"""Temporary tables."""
CHANGE_COLUMNS = ("case_id", "field", "old", "new", "kind")
"""Columns of ``case_changes``; its differences know more."""
CHANGES_AT_ONCE = 200
"""Measured on SQLite: half the time of one by one; more at once gains nothing."""
Tell = Callable[[int], None]
"""Told how many more rows are written."""
RULING = {"due_at": "ruling_due_at", "due_precision": "ruling_due_precision"}
"""What is printed rules, until recorded pauses are counted anew."""


def silent(_n: int) -> None:
    """Where nobody asks how far the writing is."""


def insert_new(
    met: Met,
    titles: Mapping[int, str],
    *,
    source_id: int,
    data_as_of: datetime,
    batch_id: int,
    tell: Tell = silent,
) -> int:
    """Insert the rows that are no cases yet; says how many. ``titles``: of procedures.

    In the order of receipt: every index begins with a unit, an officer, a procedure or a moment near it, so that few of
    its pages are open at a time. One by one and not by INSERT … SELECT, which would have SQLite copy every page first.
    """
    as_of = written_moment(data_as_of)
    same: dict[str, int | str | None] = {
        "data_as_of": as_of,
        "source_id": source_id,
        "first_batch_id": batch_id,
        "last_batch_id": batch_id,
        "version": 1,
    }
    for start in range(0, len(met.fresh), SLAB):
        places = met.fresh[start : start + SLAB]
        copy_columns("cases", _new_cases(met, places, titles, as_of), same)
        tell(len(places))
    return len(met.fresh)


def _new_cases(met: Met, places: Sequence[int], titles: Mapping[int, str], as_of: str) -> dict[str, Sequence[Any]]:
    """The columns of the new cases at these places."""
    said = {name: taken(column, places) for name, column in met.columns.items()}
    said |= {theirs: said[name] for name, theirs in RULING.items() if name in said}
    blank = [None] * len(places)
    ends = zip(said["meaning"], said.get("finished_at", blank), strict=True)
    said["ended_seen_at"] = [as_of if end is None and meaning in ENDED_MEANINGS else None for meaning, end in ends]
    found_by = (said["code"], said.get("procedure_id", blank), said.get("officer_name", blank))
    said["search"] = [
        searchable(code, titles.get(procedure or 0, ""), officer or "")
        for code, procedure, officer in zip(*found_by, strict=True)
    ]
    return said


def confirm(ids: Sequence[int], data_as_of: datetime, batch_id: int, *, keep: bool) -> None:
    """Newer data say the same of these cases: only their moment and batch move on.

    ``keep``: note what they were, for undoing.
    """
    if not ids:
        return
    if keep:
        keep_befores(ids, (), batch_id)
    condition, values = among(ids)
    db.session.execute(
        text(
            f"UPDATE cases SET data_as_of = {moment(data_as_of)}, last_batch_id = {int(batch_id)}, "  # noqa: S608
            f"version = version + 1 WHERE id {condition}"
        ),
        values,
    )


def keep_befores(ids: Sequence[int], names: Iterable[str], batch_id: int) -> None:
    """Note what cases are before a batch changes these columns of them, for undoing; none: it only confirms them."""
    make = "json_build_object" if dialect() == "postgresql" else "json_object"
    facts = ", ".join(f"'{name}', {name}" for name in names)
    condition, values = among(ids)
    db.session.execute(
        text(
            "INSERT INTO batch_befores (batch_id, case_id, data_as_of, last_batch_id, facts) "  # noqa: S608
            f"SELECT {int(batch_id)}, id, data_as_of, last_batch_id, {f'{make}({facts})' if facts else 'NULL'} "
            f"FROM cases WHERE id {condition} ORDER BY id"
        ),
        values,
    )


def supplements(met: Met) -> Sequence[tuple[int, datetime, datetime | None]]:
    """The cases of which a file says when a supplement was asked for: (case, asked, brought), where it ruled."""
    said = met.columns["supplement_asked_at"]
    asked = temporary(ASKED, {"code": kind("code"), "asked_at": kind("supplement_asked_at")})
    copy_rows(ASKED, ("code", "asked_at"), (row for row in zip(met.columns["code"], said, strict=True) if row[1]))
    found = select(CASES.c.id, CASES.c.supplement_asked_at, CASES.c.supplement_done_at)
    found = found.join(asked, asked.c.code == CASES.c.code).where(asked.c.asked_at == CASES.c.supplement_asked_at)
    rows = [tuple(row) for row in db.session.execute(found)]
    unstage(ASKED)
    return rows


def update_cases(
    ids: Sequence[int], columns: Mapping[str, Sequence[Any]], same: Mapping[str, int | str | None] | None = None
) -> int:
    """Set these columns of known cases; says how many, and raises their versions. Moments are texts.

    ``same``: what all of them become. Columns that stay as they are do not belong here: an index over no such column is
    not touched.
    """
    if not ids:
        return 0
    columns, same = dict(columns), same or {}
    columns |= {theirs: columns[name] for name, theirs in RULING.items() if name in columns}
    if dialect() == "postgresql":
        temporary(CHANGED, {**{name: kind(name) for name in columns}, "case_id": Integer()})
        copy_columns(CHANGED, {**columns, "case_id": ids}, {})
        db.session.execute(
            text(
                f"UPDATE cases SET {_sets({name: f'u.{name}' for name in columns}, same)} FROM {CHANGED} u "  # noqa: S608
                "WHERE u.case_id = cases.id"
            )
        )
        unstage(CHANGED)
    else:
        written, given = numbered(columns)
        statement = f"UPDATE cases SET {_sets(written, same)} WHERE id = ?{len(given) + 1}"  # noqa: S608
        db.session.connection().exec_driver_sql(statement, list(zip(*given, ids, strict=True)))
    return len(ids)


def _sets(written: Mapping[str, str], same: Mapping[str, int | str | None]) -> str:
    """What a case becomes, as UPDATE says it."""
    given = {**written, **{name: in_sql(value) for name, value in same.items()}, "version": "version + 1"}
    return ", ".join(f"{name} = {said}" for name, said in given.items())


def write_changes(changes: Iterable[Change], batch_id: int | None) -> None:
    """The differences of known cases, append-only."""
    told = tuple(zip(*changes, strict=True))
    if told:
        fields = dict(zip(Change._fields, told, strict=True))
        columns = {name: fields[name] for name in CHANGE_COLUMNS}
        copy_columns("case_changes", columns, {"batch_id": batch_id}, at_once=CHANGES_AT_ONCE)


def show_changes(changes: Iterable[Change], batch_id: int) -> None:
    """The differences a preview found, in place of what the last preview of the batch found."""
    forget_shown(batch_id)
    columns = ("batch_id", "row_number", "code", "field", "old", "new", "kind")
    rows = ((batch_id, item.row, item.code, item.field, item.old, item.new, item.kind) for item in changes)
    copy_rows("batch_changes", columns, rows)


def forget_shown(batch_id: int) -> None:
    """Remove the differences a preview showed."""
    shown: Any = BatchChange.__table__
    db.session.execute(shown.delete().where(shown.c.batch_id == batch_id))


def find_missing(source_id: int, codes: Iterable[str], data_as_of: datetime) -> int:
    """Find the cases of a source that its full extract no longer has; says how many. ``mark_gone`` marks just these."""
    listed(codes)
    temporary(MISSING, {"id": Integer()})
    found = (
        f"INSERT INTO {MISSING} SELECT id FROM cases WHERE source_id = :source AND gone_since IS NULL "  # noqa: S608
        f"AND data_as_of < {moment(data_as_of)} AND NOT EXISTS (SELECT 1 FROM {LISTED} i WHERE i.code = cases.code)"
    )
    result = db.session.execute(text(found), {"source": source_id})
    unstage(LISTED)
    return int(result.rowcount)  # type: ignore[attr-defined]


def mark_gone(data_as_of: datetime, batch_id: int) -> int:
    """Mark the cases that ``find_missing`` found; says how many (domain rules, facts in, 8)."""
    told = (
        "INSERT INTO case_changes (case_id, batch_id, field, old, new, kind) "  # noqa: S608
        f"SELECT id, :batch, 'gone_since', NULL, :iso, 'gone' FROM {MISSING} ORDER BY id"
    )
    db.session.execute(text(told), {"batch": batch_id, "iso": data_as_of.isoformat()})
    since = moment(data_as_of)
    marked = f"UPDATE cases SET gone_since = {since}, version = version + 1 WHERE id IN (SELECT id FROM {MISSING})"  # noqa: S608
    result = db.session.execute(text(marked))
    unstage(MISSING)
    return int(result.rowcount)  # type: ignore[attr-defined]
