"""Stored files, and the registers from which documents get their numbers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.database import Base, Instant, col


class StoredFile(Base):
    """A file of the content-addressed store. Its name belongs to whoever refers to it."""

    __tablename__ = "stored_files"
    __table_args__ = (CheckConstraint("length(sha256) = 64", name="sha256"), CheckConstraint("size > 0", name="size"))

    sha256: Mapped[str] = col(String(64), primary_key=True)
    size: Mapped[int] = col(Integer, nullable=False)
    media_type: Mapped[str] = col(String(100), nullable=False)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)


class NumberRegister(Base):
    """The running number of one unit, form and year: ``last`` is the highest that was given."""

    __tablename__ = "number_registers"

    unit_id: Mapped[int] = col(ForeignKey("units.id"), primary_key=True, autoincrement=False)
    form: Mapped[str] = col(String(32), primary_key=True)
    year: Mapped[int] = col(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = col(Integer, nullable=False)


class DocumentNumber(Base):
    """A number that was given, drawn, typed or kept back; it stays when it is cancelled, with the reason.

    ``note`` says what a number was kept back for, or which document outside the portal carries it.
    """

    __tablename__ = "document_numbers"
    __table_args__ = (
        UniqueConstraint("unit_id", "form", "year", "number"),
        CheckConstraint("state in ('reserved','used','cancelled')", name="state"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(state = 'cancelled') = (reason <> '')", name="reason"),
        CheckConstraint("state <> 'reserved' or note <> ''", name="note"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    form: Mapped[str] = col(String(32), nullable=False)
    year: Mapped[int] = col(Integer, nullable=False)
    number: Mapped[int] = col(Integer, nullable=False)
    state: Mapped[str] = col(String(32), nullable=False, default="used", server_default="used")
    used_for: Mapped[str] = col(String(80), nullable=False)
    reason: Mapped[str] = col(Text, nullable=False, default="", server_default="")
    at: Mapped[datetime] = col(Instant(), nullable=False)
    cancelled_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")
    note: Mapped[str] = col(String(300), nullable=False, default="", server_default="")

    __mapper_args__ = {"version_id_col": version}
