"""The rows of a file beside the cases they meet, in temporary tables of the open ``commit()``. Names are ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, column, table, text

from portal.cases.models import Case
from portal.cases.rules import ENDED_MEANINGS
from portal.database import copy_rows, db, dialect
from portal.imports.planning import ALONG
from portal.imports.rules import Fact

LOCK = 7_061_850
STATEMENT_TIMEOUT = "120s"
CACHE_KIB = 16_384
CODES, STAGE, KNOWN = "import_codes", "import_stage", "import_known"
"""Temporary tables."""
CASES: Any = Case.__table__
ENDED = ", ".join(f"'{meaning}'" for meaning in sorted(ENDED_MEANINGS))


def take_turn() -> None:
    """One import writes at a time. SQLite has its write lock; PostgreSQL gets an advisory one and more time."""
    if dialect() == "postgresql":
        db.session.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        db.session.execute(text("SET LOCAL lock_timeout = '60s'"))
        db.session.execute(text("SET LOCAL work_mem = '64MB'"))
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    else:
        db.session.execute(text(f"PRAGMA cache_size = -{CACHE_KIB}"))


def raw() -> Callable[[Any], Any]:
    """How a value goes to the driver without SQLAlchemy: SQLite keeps moments as text of whole seconds."""
    if dialect() == "postgresql":
        return lambda value: value
    return lambda value: value.isoformat(" ", "seconds") if isinstance(value, datetime) else value


def temporary(name: str, columns: Mapping[str, Any]) -> Any:
    """An empty temporary table; gone at the end of the transaction."""
    made: Any = table(name, *(column(each, kind) for each, kind in columns.items()))
    bind = db.engine.dialect
    body = ", ".join(f"{each} {kind.compile(dialect=bind)}" for each, kind in columns.items())
    temp = "" if bind.name == "postgresql" else "temp."
    db.session.execute(text(f"DROP TABLE IF EXISTS {temp}{name}"))
    end = " ON COMMIT DROP" if bind.name == "postgresql" else ""
    db.session.execute(text(f"CREATE TEMP TABLE {name} ({body}){end}"))
    return made


def unstage(*names: str) -> None:
    for name in names:
        db.session.execute(text(f"DROP TABLE IF EXISTS {name}"))


def ids(name: str, ids: Iterable[int]) -> None:
    """A temporary table of ids."""
    temporary(name, {"id": Integer()})
    copy_rows(name, ("id",), ((each,) for each in ids))


def kind(name: str) -> Any:
    """The type of a column of cases."""
    return CASES.c[name].type


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows of a file beside the cases they meet. Rows that meet none stand in ``fresh``: places, in order of receipt.

    ``stage`` holds the others: ``case_id``, ``place``, what the row says; ``known`` says of them whether the case may
    differ and whether its data are older.
    """

    stage: Any
    known: Any
    columns: Mapping[str, Sequence[Any]]
    fresh: Sequence[int]
    n_known: int

    def drop(self) -> None:
        """Nothing of it is needed any more."""
        unstage(CODES, STAGE, KNOWN)


def stage(columns: Mapping[str, Sequence[Any]], facts: frozenset[Fact], data_as_of: datetime) -> Staged:
    """Find the cases that the rows of a file meet, and put those rows beside them.

    New rows are not staged: they are written once, straight into the cases.
    """
    codes = columns["code"]
    temporary(CODES, {"place": Integer(), "code": kind("code")})
    copy_rows(CODES, ("place", "code"), enumerate(codes))
    met = db.session.execute(
        text(f"SELECT c.id, s.place FROM {CODES} s JOIN cases c ON c.code = s.code ORDER BY c.id")  # noqa: S608
    ).all()
    names = tuple(columns)
    staged = temporary(STAGE, {"case_id": Integer(), "place": Integer(), **{name: kind(name) for name in names}})
    places = [place for _, place in met]
    said = ([column[place] for place in places] for column in columns.values())
    copy_rows(STAGE, ("case_id", "place", *names), zip((case_id for case_id, _ in met), places, *said, strict=True))
    known = table(
        KNOWN,
        column("case_id", Integer),
        column("place", Integer),
        column("differs", Boolean),
        column("older", Boolean),
    )
    unstage(KNOWN)
    end = "ON COMMIT DROP " if dialect() == "postgresql" else ""
    db.session.execute(
        text(
            f"CREATE TEMP TABLE {KNOWN} {end}AS SELECT s.case_id AS case_id, s.place AS place, "  # noqa: S608
            f"({_differs(names, facts)}) AS differs, (c.data_as_of < {moment(data_as_of)}) AS older "
            f"FROM {STAGE} s CROSS JOIN cases c WHERE c.id = s.case_id"  # CROSS: SQLite keeps this order
        )
    )
    is_known = bytearray(len(codes))
    for place in places:
        is_known[place] = 1
    fresh = sorted((place for place, flag in enumerate(is_known) if not flag), key=columns["received_at"].__getitem__)
    return Staged(staged, known, columns, fresh, len(met))


def moment(at: datetime) -> str:
    """A moment as a literal of SQL."""
    written = at.isoformat(" ", "seconds")
    return f"TIMESTAMP '{written}'" if dialect() == "postgresql" else f"'{written}'"


def _differs(names: Sequence[str], facts: frozenset[Fact]) -> str:
    """Whether a case may differ from its row: never no where ``planning`` would say yes."""
    has_end = not facts.isdisjoint((Fact.FINISHED, Fact.RETURNED))
    left = {"code", *ALONG}
    if not has_end and Fact.STATUS not in facts:
        left |= {"meaning", "data_fault"}
    parts = ["c.gone_since IS NOT NULL"]
    for name in names:
        if name == "officer_id":
            parts.append(
                "(s.officer_id IS DISTINCT FROM c.officer_id "
                "AND NOT (s.officer_id IS NULL AND s.officer_name IS NOT NULL AND s.officer_name = c.officer_name))"
            )
        elif name == "data_fault" and not has_end and "data_fault" not in left:
            parts.append(
                f"(s.data_fault IS DISTINCT FROM c.data_fault "
                f"AND NOT (s.meaning IN ({ENDED}) AND c.finished_at IS NOT NULL))"
            )
        elif name not in left:
            parts.append(f"s.{name} IS DISTINCT FROM c.{name}")
    meaning = "c.meaning" if "meaning" in left else "s.meaning"
    finished = "s.finished_at" if has_end else "c.finished_at"
    if not has_end and "meaning" not in left:
        parts.append(f"(s.meaning NOT IN ({ENDED}) AND c.finished_at IS NOT NULL)")
    parts.append(f"(({meaning} IN ({ENDED}) AND {finished} IS NULL) IS DISTINCT FROM (c.ended_seen_at IS NOT NULL))")
    return " OR ".join(parts)
