"""Reports of the sources as people typed or uploaded them, and lists of codes that came with them. Append-only.

A correction is a new version that names the one it replaces; the newest version rules, the older ones stay readable.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, relationship

from portal.cases.models import Source
from portal.database import Base, Instant, WallTime, col

APPEND_ONLY = ("source_reports", "source_report_rows", "source_code_lists", "source_codes")


class SourceReport(Base):
    """What a source's own report said of a period, known at ``as_of``. ``source_id`` None: of all sources together.

    ``unit_id`` is the unit of who brought it: who reads that unit's cases reads the whole report. ``root_id`` is the
    first version (None on the first), ``replaces_id`` the one before; no version is replaced twice.
    """

    __tablename__ = "source_reports"
    __table_args__ = (
        CheckConstraint("door in ('typed','file')", name="door"),
        CheckConstraint("from_on <= to_on", name="period"),
        Index("ix_source_reports_to", "to_on", "id"),
    )

    id: Mapped[int] = col(primary_key=True)
    root_id: Mapped[int | None] = col(ForeignKey("source_reports.id"), index=True)
    replaces_id: Mapped[int | None] = col(ForeignKey("source_reports.id"), unique=True)
    number: Mapped[int] = col(Integer, nullable=False, default=1)
    source_id: Mapped[int | None] = col(ForeignKey("sources.id"), index=True)
    unit_id: Mapped[int | None] = col(ForeignKey("units.id"), index=True)
    from_on: Mapped[date] = col(Date, nullable=False)
    to_on: Mapped[date] = col(Date, nullable=False)
    as_of: Mapped[datetime] = col(WallTime(), nullable=False)
    note: Mapped[str] = col(Text, nullable=False, default="")
    door: Mapped[str] = col(String(16), nullable=False)
    file_name: Mapped[str | None] = col(String(300))
    file_sha256: Mapped[str | None] = col(String(64))
    headings: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict)
    author: Mapped[str] = col(String(200), nullable=False, personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)

    source: Mapped[Source | None] = relationship(lazy="joined", viewonly=True)

    @property
    def first_id(self) -> int:
        """The number of the first version."""
        return self.root_id or self.id


class SourceReportRow(Base):
    """What the report said of one unit; figures it does not tell are missing. ``unit_id`` None: nobody we know."""

    __tablename__ = "source_report_rows"
    __table_args__ = (Index("ix_source_report_rows_report", "report_id", "id"),)

    id: Mapped[int] = col(primary_key=True)
    report_id: Mapped[int] = col(ForeignKey("source_reports.id"), nullable=False)
    unit_id: Mapped[int | None] = col(ForeignKey("units.id"), index=True)
    unit_text: Mapped[str] = col(Text, nullable=False, default="")
    is_total: Mapped[bool] = col(Boolean, nullable=False, default=False)
    figures: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict)


class SourceCodeList(Base):
    """Codes of the cases a source counts in one figure; ``report_id`` is the first version of its report."""

    __tablename__ = "source_code_lists"
    __table_args__ = (Index("ix_source_code_lists_report", "report_id", "figure", "id"),)

    id: Mapped[int] = col(primary_key=True)
    report_id: Mapped[int] = col(ForeignKey("source_reports.id"), nullable=False)
    figure: Mapped[str] = col(String(32), nullable=False)
    heading: Mapped[str] = col(String(300), nullable=False, default="")
    file_name: Mapped[str] = col(String(300), nullable=False)
    file_sha256: Mapped[str] = col(String(64), nullable=False)
    rows_without_code: Mapped[int] = col(Integer, nullable=False, default=0)
    repeated: Mapped[int] = col(Integer, nullable=False, default=0)
    author: Mapped[str] = col(String(200), nullable=False, personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)


class SourceCode(Base):
    """One code of a list, and the unit the list names for it as far as the directory knows it."""

    __tablename__ = "source_codes"
    __table_args__ = (Index("ix_source_codes_list", "list_id", "code", unique=True),)

    id: Mapped[int] = col(primary_key=True)
    list_id: Mapped[int] = col(ForeignKey("source_code_lists.id"), nullable=False)
    code: Mapped[str] = col(String(100), nullable=False)
    unit_id: Mapped[int | None] = col(ForeignKey("units.id"))
    unit_text: Mapped[str] = col(Text, nullable=False, default="")
