"""Batches, what they said of single rows, rows that wait for their unit, and names that wait to be mapped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, relationship

from portal.cases.models import Source
from portal.database import Base, Instant, WallTime, col
from portal.imports.rules import BatchState, Door, NameKind, NameState

NOT_SETTLED = text("settled_at IS NULL")
BEFORES_KEPT = 3
"""So many batches that replaced one waiting row can be undone one after another."""


def _one_of(column: str, words: type[BatchState | Door | NameKind | NameState]) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


class Batch(Base):
    """One file of a source: what it was, what came of its rows, who brought and applied it.

    ``unit_id`` is the unit of who brought it: importers out of its reach do not see it; a command's batch has none.
    ``data_as_of`` is the moment of its data; ``asked_as_of`` what the user said, None where the file decides.
    ``state_hash`` binds the word "apply" to the preview on screen: the plan must still be the same.
    ``effects`` is what the preview counted: kinds of changes, fields, breaches it would open, unknown names.
    ``phase``, ``done`` and ``total`` are the progress of a job; ``worked_at`` its sign of life, ``worker`` who it is;
    ``fault`` why it failed (``reason`` and facts). ``mapping_version``: the version of the source's mapping its words
    were read by, None where the source had none. ``told_at``: when who brought it saw that the job is done.
    """

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint(_one_of("state", BatchState), name="state"),
        CheckConstraint(_one_of("door", Door), name="door"),
        CheckConstraint(
            "rows_total = rows_new + rows_changed + rows_unchanged + rows_pending + rows_rejected", name="rows"
        ),
        Index("ix_batches_data_as_of", "data_as_of"),
        Index("ix_batches_state", "state", "id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    source_id: Mapped[int] = col(ForeignKey("sources.id"), nullable=False, index=True)
    unit_id: Mapped[int | None] = col(ForeignKey("units.id"), index=True)
    file_name: Mapped[str] = col(String(300), nullable=False)
    file_sha256: Mapped[str] = col(String(64), nullable=False, index=True)
    size: Mapped[int] = col(Integer, nullable=False)
    data_as_of: Mapped[datetime | None] = col(WallTime())
    asked_as_of: Mapped[datetime | None] = col(WallTime())
    state: Mapped[str] = col(String(32), nullable=False)
    full_extract: Mapped[bool] = col(Boolean, nullable=False, default=False)
    create_unknown: Mapped[bool] = col(Boolean, nullable=False, default=False)
    date_order: Mapped[str] = col(String(32), nullable=False, default="day_first")
    mapping: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict)
    headings: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict)
    rows_total: Mapped[int] = col(Integer, nullable=False, default=0)
    rows_new: Mapped[int] = col(Integer, nullable=False, default=0)
    rows_changed: Mapped[int] = col(Integer, nullable=False, default=0)
    rows_unchanged: Mapped[int] = col(Integer, nullable=False, default=0)
    rows_pending: Mapped[int] = col(Integer, nullable=False, default=0)
    rows_rejected: Mapped[int] = col(Integer, nullable=False, default=0)
    warnings: Mapped[int] = col(Integer, nullable=False, default=0)
    gone: Mapped[int] = col(Integer, nullable=False, default=0)
    state_hash: Mapped[str | None] = col(String(64))
    uploaded_by: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    uploaded_at: Mapped[datetime] = col(Instant(), nullable=False)
    applied_by: Mapped[str | None] = col(String(200), personal="officer")
    applied_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1)
    door: Mapped[str] = col(String(16), nullable=False, default=Door.PAGE.value, server_default="page")
    sheet: Mapped[str | None] = col(String(300))
    effects: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict, server_default="{}", personal="officer")
    phase: Mapped[str | None] = col(String(16))
    done: Mapped[int] = col(Integer, nullable=False, default=0, server_default="0")
    total: Mapped[int | None] = col(Integer)
    worker: Mapped[str | None] = col(String(100))
    worked_at: Mapped[datetime | None] = col(Instant())
    fault: Mapped[dict[str, Any] | None] = col(JSON)
    told_at: Mapped[datetime | None] = col(Instant())
    undone_by: Mapped[str | None] = col(String(200), personal="officer")
    undone_at: Mapped[datetime | None] = col(Instant())
    erased_at: Mapped[datetime | None] = col(Instant())
    mapping_version: Mapped[int | None] = col(Integer)

    source: Mapped[Source] = relationship(lazy="joined", innerjoin=True)

    __mapper_args__ = {"version_id_col": version}

    @property
    def counts(self) -> dict[str, int]:
        """The counts under the names of the command's answer."""
        names = ("new", "changed", "unchanged", "pending", "rejected")
        return {"rows": self.rows_total, **{name: getattr(self, f"rows_{name}") for name in names}}


class BatchRow(Base):
    """What a batch says of one row: rejected, pending, or a remark on an accepted one. Worded at the edge."""

    __tablename__ = "batch_rows"
    __table_args__ = (
        CheckConstraint("kind IN ('rejected', 'pending', 'warning')", name="kind"),
        Index("ix_batch_rows_batch", "batch_id", "kind", "row_number", "id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    batch_id: Mapped[int] = col(ForeignKey("batches.id", ondelete="CASCADE"), nullable=False)
    kind: Mapped[str] = col(String(32), nullable=False)
    row_number: Mapped[int | None] = col(Integer)
    heading: Mapped[str | None] = col(String(300))
    value: Mapped[str | None] = col(Text, personal="applicant")
    reason: Mapped[str] = col(String(64), nullable=False)
    facts: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict, personal="officer")


class BatchChange(Base):
    """A difference a preview found in a known case, field by field; applied, ``case_changes`` holds it for good."""

    __tablename__ = "batch_changes"
    __table_args__ = (Index("ix_batch_changes_batch", "batch_id", "id"),)

    id: Mapped[int] = col(Integer, primary_key=True)
    batch_id: Mapped[int] = col(ForeignKey("batches.id", ondelete="CASCADE"), nullable=False)
    row_number: Mapped[int | None] = col(Integer)
    code: Mapped[str] = col(String(100), nullable=False)
    field: Mapped[str] = col(String(64), nullable=False)
    old: Mapped[str | None] = col(Text, personal="applicant")
    new: Mapped[str | None] = col(Text, personal="applicant")
    kind: Mapped[str] = col(String(32), nullable=False)


class BatchBefore(Base):
    """What a batch found of a known case it then changed or confirmed: what undoing the batch puts back.

    ``facts`` are the case's columns before the batch; None where only its moment and batch moved on. ``case_id`` is no
    foreign key: without an index that begins with it, removing a case would read the whole table.
    """

    __tablename__ = "batch_befores"

    batch_id: Mapped[int] = col(ForeignKey("batches.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = col(Integer, primary_key=True, autoincrement=False)
    data_as_of: Mapped[datetime] = col(WallTime(), nullable=False)
    last_batch_id: Mapped[int | None] = col(Integer)
    facts: Mapped[dict[str, Any] | None] = col(JSON, personal="applicant")


class PendingRow(Base):
    """A row whose resolving unit is not known yet. One row a code; settled when it became a case.

    ``before``: the row that an applied batch replaced here, for undoing that batch, with what that one had replaced.
    """

    __tablename__ = "pending_rows"
    __table_args__ = (
        Index("ix_pending_rows_waiting", "unit_folded", "id", sqlite_where=NOT_SETTLED, postgresql_where=NOT_SETTLED),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    code: Mapped[str] = col(String(100), nullable=False, unique=True)
    unit_text: Mapped[str] = col(Text, nullable=False, default="")
    unit_folded: Mapped[str] = col(Text, nullable=False, default="")
    batch_id: Mapped[int] = col(ForeignKey("batches.id"), nullable=False, index=True)
    source_id: Mapped[int] = col(ForeignKey("sources.id"), nullable=False, index=True)
    data_as_of: Mapped[datetime] = col(WallTime(), nullable=False)
    payload: Mapped[str] = col(Text, nullable=False, personal="applicant")
    settled_at: Mapped[datetime | None] = col(Instant())
    before: Mapped[dict[str, Any] | None] = col(JSON(none_as_null=True), personal="applicant")


class SourceName(Base):
    """A name a source writes that the directory does not know: of a unit, or of an officer within a unit.

    ``scope`` is the unit's id as text for officers and empty for units, so that the key holds on both databases.
    """

    __tablename__ = "source_names"
    __table_args__ = (
        CheckConstraint(_one_of("kind", NameKind), name="kind"),
        CheckConstraint(_one_of("state", NameState), name="state"),
        UniqueConstraint("kind", "scope", "folded"),
        Index("ix_source_names_state", "state", "kind", "id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    kind: Mapped[str] = col(String(32), nullable=False)
    scope: Mapped[str] = col(String(32), nullable=False, default="")
    unit_id: Mapped[int | None] = col(ForeignKey("units.id"), index=True)
    text: Mapped[str] = col(Text, nullable=False, personal="officer")
    folded: Mapped[str] = col(String(300), nullable=False, personal="officer")
    unit_match: Mapped[int | None] = col(ForeignKey("units.id"))
    person_match: Mapped[int | None] = col(ForeignKey("people.id"))
    state: Mapped[str] = col(String(32), nullable=False, default=NameState.WAITING.value)
    batch_id: Mapped[int | None] = col(Integer)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}
