"""Units, their dated parents, people and their dated postings. A last day is included; an empty one is open."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, relationship

from portal.database import Base, Instant, col
from portal.directory.rules import FileState, Line, PersonKind, SuccessionKind, UnitKind
from portal.guard import Role

OPEN = text("valid_to IS NULL")
DATES = "valid_to IS NULL OR valid_to >= valid_from"


def _one_of(column: str, words: type[UnitKind | Line | PersonKind | Role | SuccessionKind | FileState]) -> str:
    """The text of a check: the column holds one of the words."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


class Unit(Base):
    """An organisational unit. ``code`` is what files call it and never changes."""

    __tablename__ = "units"
    __table_args__ = (
        CheckConstraint(_one_of("kind", UnitKind), name="kind"),
        CheckConstraint(DATES, name="dates"),
        CheckConstraint("code <> ''", name="code"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    code: Mapped[str] = col(String(64), nullable=False, unique=True)
    name: Mapped[str] = col(String(300), nullable=False)
    folded: Mapped[str] = col(String(300), nullable=False, index=True)
    sort_key: Mapped[str] = col(String(1000), nullable=False)
    kind: Mapped[str] = col(String(32), nullable=False)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    made_by_import: Mapped[bool] = col(Boolean, nullable=False, default=False)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}


class UnitLink(Base):
    """Who a unit reports in to (statistics) or is managed by (concludes, escalates, evaluates), with dates."""

    __tablename__ = "unit_links"
    __table_args__ = (
        CheckConstraint(_one_of("kind", Line), name="kind"),
        CheckConstraint(DATES, name="dates"),
        CheckConstraint("unit_id <> parent_id", name="not_itself"),
        Index("uq_unit_links_open", "unit_id", "kind", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("uq_unit_links_start", "unit_id", "kind", "valid_from", unique=True),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    kind: Mapped[str] = col(String(32), nullable=False)
    parent_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False, index=True)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    parent: Mapped[Unit] = relationship(foreign_keys=[parent_id])

    __mapper_args__ = {"version_id_col": version}


class UnitName(Base):
    """A name a unit had before it was renamed; files of those days, and old lists, still call it by this name."""

    __tablename__ = "unit_names"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="dates"),
        Index("uq_unit_names_end", "unit_id", "valid_to", unique=True),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    name: Mapped[str] = col(String(300), nullable=False)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date] = col(Date, nullable=False)
    document: Mapped[str] = col(String(200), nullable=False, default="")


class UnitSuccession(Base):
    """A unit takes over from another on a day, by a document. Cases and duties stay with the unit of their day."""

    __tablename__ = "unit_successions"
    __table_args__ = (
        CheckConstraint(_one_of("kind", SuccessionKind), name="kind"),
        CheckConstraint("from_id <> to_id", name="not_itself"),
        Index("uq_unit_successions_pair", "from_id", "to_id", unique=True),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    from_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    to_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False, index=True)
    kind: Mapped[str] = col(String(16), nullable=False)
    from_day: Mapped[date] = col(Date, nullable=False)
    document: Mapped[str] = col(String(200), nullable=False, default="")
    document_on: Mapped[date | None] = col(Date)
    note: Mapped[str] = col(Text, nullable=False, default="")

    former: Mapped[Unit] = relationship(foreign_keys=[from_id], viewonly=True)
    successor: Mapped[Unit] = relationship(foreign_keys=[to_id], viewonly=True)


class Person(Base):
    """A person of the administration. Persons made by an import have no code and no account."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint(f"kind IS NULL OR {_one_of('kind', PersonKind)}", name="kind"),
        CheckConstraint("code <> ''", name="code"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    code: Mapped[str | None] = col(String(64), unique=True, personal="officer")
    full_name: Mapped[str] = col(String(200), nullable=False, personal="officer")
    folded: Mapped[str] = col(String(200), nullable=False, index=True, personal="officer")
    sort_key: Mapped[str] = col(String(1000), nullable=False, personal="officer")
    kind: Mapped[str | None] = col(String(32), personal="officer")
    email: Mapped[str | None] = col(String(200), personal="officer")
    made_by_import: Mapped[bool] = col(Boolean, nullable=False, default=False)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}


class Posting(Base):
    """A person in a unit, from one day to another, with the role that decides what they may read and do."""

    __tablename__ = "postings"
    __table_args__ = (
        CheckConstraint(_one_of("role", Role), name="role"),
        CheckConstraint(DATES, name="dates"),
        Index(
            "uq_postings_open", "person_id", "unit_id", "role", unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        ),
        Index("uq_postings_start", "person_id", "unit_id", "role", "valid_from", unique=True),
        Index("ix_postings_unit_role", "unit_id", "role"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    position: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    role: Mapped[str] = col(String(32), nullable=False)
    is_clerk: Mapped[bool] = col(Boolean, nullable=False, default=False)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit] = relationship()

    __mapper_args__ = {"version_id_col": version}


class DirectoryFile(Base):
    """An uploaded directory file between its preview and what was decided; the content goes with the decision.

    ``plan_sha256``: what the preview said it would do; applying does just that or previews again. ``outcome``: what
    the page shows of it, with the rejected rows.
    """

    __tablename__ = "directory_files"
    __table_args__ = (
        CheckConstraint(_one_of("state", FileState), name="state"),
        Index("ix_directory_files_user", "user_id", "id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    user_id: Mapped[int] = col(Integer, nullable=False)
    name: Mapped[str] = col(String(255), nullable=False, personal="officer")
    sha256: Mapped[str] = col(String(64), nullable=False)
    size: Mapped[int] = col(Integer, nullable=False)
    content: Mapped[bytes | None] = col(LargeBinary, personal="officer")
    state: Mapped[str] = col(String(16), nullable=False, default=FileState.PREVIEWED)
    plan_sha256: Mapped[str | None] = col(String(64))
    outcome: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict, personal="officer")
    uploaded_at: Mapped[datetime] = col(Instant(), nullable=False)
    decided_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}


APPEND_ONLY = ("unit_names", "unit_successions")
