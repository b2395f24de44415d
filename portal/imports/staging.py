"""The rows of a file meet the cases that are known, inside the open ``commit()``. Names of tables are ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Integer, column, table, text

from portal.cases.models import Case
from portal.database import copy_rows, db, dialect
from portal.imports.comparing import is_moment
from portal.imports.planning import RESTORED

LOCK = 7_061_850
STATEMENT_TIMEOUT = "120s"
CACHE_KIB = 40_960
"""Pages that SQLite keeps while it writes. The indexes of a million cases are touched all over: with 16 MiB
a page is written and read again twice; with more the worker outgrows what is left beside the rows of a file."""
CODES, LISTED = "import_codes", "import_listed"
"""Temporary tables."""
SLAB = 10_000
"""Known cases that are read, compared and written before the next ones."""
CASES: Any = Case.__table__
KNOWN = ("id", "code", *RESTORED, "data_as_of")
"""What is asked of a known case."""


def take_turn() -> None:
    """One import writes at a time. SQLite has its write lock; PostgreSQL gets an advisory one and more time."""
    if dialect() == "postgresql":
        db.session.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        db.session.execute(text("SET LOCAL lock_timeout = '60s'"))
        db.session.execute(text("SET LOCAL work_mem = '64MB'"))
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    else:
        db.session.execute(text(f"PRAGMA cache_size = -{CACHE_KIB}"))


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


def kind(name: str) -> Any:
    """The type of a column of cases."""
    return CASES.c[name].type


@dataclass(frozen=True, slots=True)
class Met:
    """The rows of a file, by their places in ``columns``: those that meet a case, and those that meet none.

    ``known``: case to place, in the order of the cases. ``fresh``: places in the order of receipt.
    """

    columns: Mapping[str, Sequence[Any]]
    known: Mapping[int, int]
    fresh: Sequence[int]

    def slabs(self) -> Iterator[list[int]]:
        """The known cases, so many at a time as stay in the memory of the database from reading to writing them."""
        known = iter(self.known)
        while slab := list(islice(known, SLAB)):
            yield slab


def meet(columns: Mapping[str, Sequence[Any]]) -> Met:
    """Find the cases that the rows of a file meet. Their codes stay listed until ``unstage(CODES)``."""
    codes = columns["code"]
    temporary(CODES, {"place": Integer(), "code": kind("code")})
    if dialect() == "postgresql":
        copy_rows(CODES, ("place", "code"), enumerate(codes))
    else:
        listed = {"codes": json.dumps(codes)}
        db.session.execute(text(f"INSERT INTO {CODES} SELECT key, value FROM json_each(:codes)"), listed)  # noqa: S608
    found = text(f"SELECT c.id, s.place FROM {CODES} s JOIN cases c ON c.code = s.code ORDER BY c.id")  # noqa: S608
    known: dict[int, int] = dict(db.session.execute(found).all())
    is_known = bytearray(len(codes))
    for place in known.values():
        is_known[place] = 1
    fresh = sorted((place for place, flag in enumerate(is_known) if not flag), key=columns["received_at"].__getitem__)
    return Met(columns, known, fresh)


def listed(codes: Iterable[str]) -> None:
    """Put codes into a temporary table (``LISTED``), to be looked up; ``unstage`` it afterwards."""
    temporary(LISTED, {"code": kind("code")})
    copy_rows(LISTED, ("code",), ((code,) for code in codes))
    db.session.execute(text(f"CREATE INDEX {LISTED}_code ON {LISTED} (code)"))


def among(ids: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """A condition of SQL that follows a column: that it is one of these ids, and the value it needs."""
    if dialect() == "postgresql":
        return "= ANY(:ids)", {"ids": list(ids)}
    return "IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(ids)}


def known_cases(ids: Sequence[int]) -> dict[str, Sequence[Any]]:
    """The columns of these cases, moments as text of whole seconds (``WallTime``)."""
    as_text = "::text" if dialect() == "postgresql" else ""
    columns = ", ".join(f"{name}{as_text if is_moment(name) else ''}" for name in KNOWN)
    condition, values = among(ids)
    found = text(f"SELECT {columns} FROM cases WHERE id {condition} ORDER BY id")  # noqa: S608
    rows = db.session.execute(found, values).all()
    return dict(zip(KNOWN, zip(*rows, strict=True), strict=True))


def moment(at: datetime) -> str:
    """A moment as a literal of SQL."""
    written = at.isoformat(" ", "seconds")
    return f"TIMESTAMP '{written}'" if dialect() == "postgresql" else f"'{written}'"
