"""Set-based writing of an import, inside the open ``commit()``. Reviewed SQL; names of tables and columns are ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, exists, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.cases.models import Procedure
from portal.cases.rules import ENDED_MEANINGS
from portal.database import copy_columns, copy_rows, db, dialect, in_sql, numbered
from portal.directory.models import Person, Posting, Unit, UnitLink
from portal.directory.rules import SINCE_EVER, Line
from portal.guard import Role
from portal.imports.comparing import taken
from portal.imports.models import BEFORES_KEPT, Batch, BatchBefore, BatchChange, BatchRow, PendingRow, SourceName
from portal.imports.placing import NewPerson, NewProcedure, NewUnit, WaitingName, searchable
from portal.imports.planning import Change
from portal.imports.rules import BatchState, NameKind, NameState, Remark
from portal.imports.staging import CASES, CODES, SLAB, Met, among, kind, moment, temporary, unstage
from portal.imports.texts import written_moment
from portal.vietnamese import fold, name_sort_key, sort_key

LONGEST_HEADING = 300
LONGEST_KEY = 1_000
CHANGED, SEEN, ASKED, MISSING, LISTED = (
    "import_changed", "import_seen", "import_asked", "import_missing", "import_listed"
)  # fmt: skip
"""Temporary tables."""
CHANGE_COLUMNS = ("case_id", "field", "old", "new", "kind")
"""Columns of ``case_changes``; its differences know more."""
RULING = {"due_at": "ruling_due_at", "due_precision": "ruling_due_precision"}
"""What is printed rules, until recorded pauses are counted anew."""


def insert_new(met: Met, titles: Mapping[int, str], *, source_id: int, data_as_of: datetime, batch_id: int) -> int:
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
        copy_columns("cases", _new_cases(met, met.fresh[start : start + SLAB], titles, as_of), same)
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


def move_back(batch_id: int) -> int:
    """Give cases that a batch only confirmed their earlier moment and batch back; says how many."""
    result = db.session.execute(
        text(
            "UPDATE cases SET data_as_of = b.data_as_of, last_batch_id = b.last_batch_id, version = version + 1 "
            "FROM batch_befores b WHERE b.case_id = cases.id AND b.batch_id = :batch AND b.facts IS NULL"
        ),
        {"batch": batch_id},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def remove_new(batch_id: int) -> int:
    """Remove the cases a batch brought; says how many."""
    result = db.session.execute(text("DELETE FROM cases WHERE first_batch_id = :batch"), {"batch": batch_id})
    return int(result.rowcount)  # type: ignore[attr-defined]


def unmark_gone(batch_id: int) -> int:
    """Take the marks back that a full extract set on what it lacked; says how many."""
    temporary(SEEN, {"id": Integer(), "since": CASES.c.gone_since.type})
    marked = (
        f"INSERT INTO {SEEN} SELECT c.id, c.gone_since FROM cases c JOIN case_changes g ON g.case_id = c.id "  # noqa: S608
        "WHERE g.batch_id = :batch AND g.kind = 'gone' AND c.gone_since IS NOT NULL"
    )
    db.session.execute(text(marked), {"batch": batch_id})
    iso = "to_char(since, 'YYYY-MM-DD\"T\"HH24:MI:SS')" if dialect() == "postgresql" else "replace(since, ' ', 'T')"
    told = (
        "INSERT INTO case_changes (case_id, batch_id, field, old, new, kind) "  # noqa: S608
        f"SELECT id, :batch, 'gone_since', {iso}, NULL, 'undone' FROM {SEEN} ORDER BY id"
    )
    db.session.execute(text(told), {"batch": batch_id})
    taken = f"UPDATE cases SET gone_since = NULL, version = version + 1 WHERE id IN (SELECT id FROM {SEEN})"  # noqa: S608
    result = db.session.execute(text(taken))
    unstage(SEEN)
    return int(result.rowcount)  # type: ignore[attr-defined]


def restore_waiting(batch_id: int, applied_at: datetime) -> None:
    """Rows in no unit as they stood before a batch: its own go, those it replaced or settled wait again."""
    waiting: Any = PendingRow.__table__
    replaced = select(waiting.c.id, waiting.c.before).where(
        waiting.c.batch_id == batch_id, waiting.c.before.is_not(None)
    )
    for row in db.session.execute(replaced).all():
        earlier = dict(row.before)
        for name in ("data_as_of", "settled_at"):
            earlier[name] = datetime.fromisoformat(earlier[name]) if earlier[name] else None
        db.session.execute(update(waiting).where(waiting.c.id == row.id).values({"before": None, **earlier}))
    db.session.execute(waiting.delete().where(waiting.c.batch_id == batch_id))
    settled = update(waiting).where(waiting.c.batch_id != batch_id, waiting.c.settled_at == applied_at)
    db.session.execute(settled.values(settled_at=None))


def forget_names(batch_id: int) -> None:
    """Take names out of the queue that only this batch wrote; where later batches came, they may write them too."""
    names: Any = SourceName.__table__
    waiting = (names.c.batch_id == batch_id) & (names.c.state == NameState.WAITING.value)
    batches: Any = Batch.__table__
    later = select(batches.c.id).where(batches.c.id > batch_id, batches.c.state == BatchState.APPLIED.value)
    db.session.execute(names.delete().where(waiting, ~later.exists()))


def forget_befores(batch_id: int) -> None:
    """Remove what undoing a batch needed."""
    befores: Any = BatchBefore.__table__
    db.session.execute(befores.delete().where(befores.c.batch_id == batch_id))


def prune_befores(applied_before: datetime) -> int:
    """Remove what undoing batches applied before a moment would need; says how many rows."""
    befores: Any = BatchBefore.__table__
    batches: Any = Batch.__table__
    old = select(batches.c.id).where(batches.c.applied_at < applied_before)
    return int(db.session.execute(befores.delete().where(befores.c.batch_id.in_(old))).rowcount)  # type: ignore[attr-defined]


def write_changes(changes: Iterable[Change], batch_id: int | None) -> None:
    """The differences of known cases, append-only."""
    told = tuple(zip(*changes, strict=True))
    if told:
        columns = dict(zip(Change._fields, told, strict=True))
        copy_columns("case_changes", {name: columns[name] for name in CHANGE_COLUMNS}, {"batch_id": batch_id})


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
    _listed(codes)
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


def _listed(codes: Iterable[str]) -> None:
    """A temporary table of codes, to be looked up."""
    temporary(LISTED, {"code": kind("code")})
    copy_rows(LISTED, ("code",), ((code,) for code in codes))
    db.session.execute(text(f"CREATE INDEX {LISTED}_code ON {LISTED} (code)"))


# --- what an import makes in the directory


def insert_units(units: Sequence[NewUnit], parent_id: int | None) -> dict[int, int]:
    """Units made by an import, below ``parent_id`` on both lines if there is one; negative id to real id."""
    if not units:
        return {}
    rows = [
        {
            "code": unit.code,
            "name": unit.name[:300],
            "folded": fold(unit.name)[:300],
            "sort_key": sort_key(unit.name)[:LONGEST_KEY],
            "kind": unit.kind.value,
            "valid_from": SINCE_EVER,
            "made_by_import": True,
        }
        for unit in units
    ]
    ids = _inserted(Unit, rows)
    if parent_id is not None:
        links = [
            {"unit_id": unit_id, "kind": line.value, "parent_id": parent_id, "valid_from": SINCE_EVER}
            for unit_id in ids
            for line in Line
        ]
        db.session.execute(insert(UnitLink), links)
    return {unit.id: unit_id for unit, unit_id in zip(units, ids, strict=True)}


def insert_people(people: Sequence[NewPerson], units: Mapping[int, int]) -> dict[int, int]:
    """People made by an import, each with an officer's posting and no account; ``units``: ids of units just made."""
    if not people:
        return {}
    rows = [
        {
            "full_name": person.name,
            "folded": fold(person.name)[:200],
            "sort_key": name_sort_key(person.name)[:LONGEST_KEY],
            "made_by_import": True,
        }
        for person in people
    ]
    ids = _inserted(Person, rows)
    postings = [
        {
            "person_id": person_id,
            "unit_id": units.get(person.unit_id, person.unit_id),
            "position": "",
            "role": Role.OFFICER.value,
            "valid_from": SINCE_EVER,
        }
        for person, person_id in zip(people, ids, strict=True)
    ]
    db.session.execute(insert(Posting), postings)
    return {person.id: person_id for person, person_id in zip(people, ids, strict=True)}


def insert_procedures(procedures: Sequence[NewProcedure]) -> dict[int, int]:
    """Procedures the portal did not know."""
    if not procedures:
        return {}
    rows = [
        {
            "code": made.code,
            "title": made.title,
            "folded": fold(made.title),
            "field": made.field[:300],
            "field_folded": fold(made.field)[:300],
            "made_by_import": True,
        }
        for made in procedures
    ]
    return {made.id: real for made, real in zip(procedures, _inserted(Procedure, rows), strict=True)}


def _inserted(model: Any, rows: list[dict[str, Any]]) -> Sequence[int]:
    """Insert rows and give their ids in the same order."""
    return db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows).all()


# --- what waits for people


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


def _insert(model: Any) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of the database in use."""
    return (postgresql if dialect() == "postgresql" else sqlite).insert(model)


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
    _listed(codes)
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
