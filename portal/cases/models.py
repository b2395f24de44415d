"""Procedures, sources, cases, the changes seen between imports, and recorded pauses.

Facts only: whether a case is late, overdue or on time stands in no column; ``rules`` derives it in Python and
``words`` in SQL. The partial indexes below carry the lists: their conditions are literals, and a query uses them only
when it repeats the same literals (see ``words``).
"""

from __future__ import annotations

from collections.abc import Callable
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
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, relationship

from portal.database import Base, Instant, WallTime, col

APPEND_ONLY = ("case_changes", "case_extensions")

OPEN = text("meaning IN ('open','paused')")
"""The condition of the open-case indexes."""
ENDED = text("meaning IN ('finished','refused') AND finished_at IS NOT NULL")
"""The condition of the indexes over cases that ended with a result or a written refusal."""
LATE = text("meaning IN ('finished','refused') AND finished_at > ruling_due_at")
"""The condition of the indexes over late cases; true only where both moments are known."""
UNKNOWN_END = text("meaning IN ('finished','refused') AND finished_at IS NULL")
"""The condition of the index over cases that ended at an unknown moment."""
ASIDE = text("meaning IN ('withdrawn','not_counted')")
"""The condition of the index over cases outside the ratio of cases on time."""
GONE = text("gone_since IS NOT NULL")
"""The condition of the index over cases their source no longer shows."""
FAULTY = text("data_fault IS NOT NULL")
"""The condition of the index over cases on the correction list."""
DIFFERENT = text("difference IS NOT NULL")
"""The condition of the index over printed dates that differ from our own count."""
TO_PROJECT = text("state IN ('waiting','running')")
"""The condition of the index over work that waits."""
RULES_FROM_PRINTED = (
    "CASE WHEN due_at IS NULL THEN ruling_due_at IS NULL ELSE ruling_due_at IS NOT NULL AND ruling_due_at >= due_at END"
)
"""A ruling moment stands exactly where a due date is printed, and no pause makes it earlier: who writes the one and
forgets the other is stopped by the database."""


def _as_printed(name: str) -> Callable[[Any], Any]:
    """The default of a ruling column: what is printed rules until a pause or an extension is recorded."""
    return lambda context: context.get_current_parameters().get(name)


def _one_of(name: str, *words: str) -> str:
    """A column holds one of these words. Not by IN: of more than two words SQLite makes a table for every row it
    checks, which was a tenth of writing a case."""
    return " OR ".join(f"{name} = '{word}'" for word in words)


class Procedure(Base):
    """An administrative procedure: what may be applied for, and in which field; its terms stand apart."""

    __tablename__ = "procedures"
    __table_args__ = (Index("ix_procedures_folded", "folded"), Index("ix_procedures_field_folded", "field_folded"))

    id: Mapped[int] = col(primary_key=True)
    code: Mapped[str | None] = col(String(100), unique=True)
    title: Mapped[str] = col(Text, nullable=False)
    folded: Mapped[str] = col(Text, nullable=False, default="")
    field: Mapped[str] = col(String(300), nullable=False, default="")
    field_folded: Mapped[str] = col(String(300), nullable=False, default="")
    online_level: Mapped[str | None] = col(String(32))
    made_by_import: Mapped[bool] = col(nullable=False, default=False)


class ProcedureTerm(Base):
    """The term of a procedure from one day to another (last day included, None: open), with the document it rests on.

    The one in force on the day of receipt rules a case. A row that was corrected stays, not ``in_force``.
    """

    __tablename__ = "procedure_terms"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("unit in ('working_days','calendar_days','working_hours','months')", name="unit"),
        CheckConstraint("valid_to >= valid_from", name="span"),
        Index("ix_procedure_terms_procedure", "procedure_id", "valid_from"),
    )

    id: Mapped[int] = col(primary_key=True)
    procedure_id: Mapped[int] = col(ForeignKey("procedures.id"), nullable=False)
    amount: Mapped[int] = col(Integer, nullable=False)
    unit: Mapped[str] = col(String(32), nullable=False)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    basis: Mapped[str] = col(Text, nullable=False, default="")
    in_force: Mapped[bool] = col(Boolean, nullable=False, default=True)
    author: Mapped[str] = col(String(200), nullable=False, personal="officer")
    recorded_at: Mapped[datetime] = col(Instant(), nullable=False)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}


class ProcedureLevel(Base):
    """From when to when a procedure may be applied for online, and how far (``partial`` or ``full``)."""

    __tablename__ = "procedure_levels"
    __table_args__ = (CheckConstraint("level in ('partial','full')", name="level"),)

    id: Mapped[int] = col(primary_key=True)
    procedure_id: Mapped[int] = col(ForeignKey("procedures.id"), nullable=False, index=True)
    level: Mapped[str] = col(String(32), nullable=False)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    basis: Mapped[str] = col(Text, nullable=False, default="")


class Source(Base):
    """A system that exports case lists. ``label``: what it is, in words; ``last_contact_at``: when data last came.

    ``supplements_pause``: in its lists the dates of a supplement stop the clock between them.
    ``data_as_of``: the moment of the newest data it gave, kept by the imports; asked on every page, so that it stands
    here and not in an index over all cases, which each confirmed case would move.

    ``meanings`` is the reading of its statuses before there were versions of it; nothing writes it any more (see
    ``portal.sources``).
    """

    __tablename__ = "sources"

    id: Mapped[int] = col(primary_key=True)
    name: Mapped[str] = col(String(200), nullable=False, unique=True)
    kind: Mapped[str] = col(String(32), nullable=False, default="igate")
    meanings: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict)
    label: Mapped[str] = col(String(200), nullable=False, default="", server_default="")
    note: Mapped[str] = col(Text, nullable=False, default="", server_default="")
    active: Mapped[bool] = col(Boolean, nullable=False, default=True, server_default="1")
    last_contact_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")
    supplements_pause: Mapped[bool] = col(Boolean, nullable=False, default=False, server_default="0")
    data_as_of: Mapped[datetime | None] = col(WallTime())

    __mapper_args__ = {"version_id_col": version}


class SourceUnit(Base):
    """Which source rules the cases of a resolving unit when two sources tell of the same code."""

    __tablename__ = "source_units"

    unit_id: Mapped[int] = col(ForeignKey("units.id"), primary_key=True, autoincrement=False)
    source_id: Mapped[int] = col(ForeignKey("sources.id"), nullable=False, index=True)


class Case(Base):
    """One application as its source last told it. Moments are Vietnam wall time with their precision.

    A due date without a time of day is stored as 23:59:59, a receipt, finish or return as 00:00:00, each with precision
    ``day``: so ``finished_at > ruling_due_at`` is lateness as a plain comparison. ``due_at`` is what is printed;
    ``ruling_due_at`` is the printed moment moved by recorded pauses and extensions, and what every verdict compares:
    ``moved_by`` names them, empty where nothing moved. ``paused_since``: since when a recorded pause stands open.

    ``finished_at`` is the end of every ended meaning (finished, refused, withdrawn); where the source has none,
    ``ended_seen_at`` says which data first showed the end. ``search`` holds folded code, procedure and officer, never
    the applicant: who may not read applicants must not find them by searching; ``applicant_folded`` stands apart (see
    ``rules.search_text``). ``result_ref`` is the number of the result as the source prints it, or ``yes`` where the
    source only says that there is one.
    """

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(
            _one_of("meaning", "not_counted", "open", "paused", "withdrawn", "refused", "finished"), name="meaning"
        ),
        CheckConstraint(_one_of("channel", "direct", "online", "postal", "unknown"), name="channel"),
        CheckConstraint("received_precision in ('day','minute')", name="received_precision"),
        CheckConstraint("due_precision in ('day','minute')", name="due_precision"),
        CheckConstraint("finished_precision in ('day','minute')", name="finished_precision"),
        CheckConstraint("returned_precision in ('day','minute')", name="returned_precision"),
        CheckConstraint("finished_from in ('finished','returned')", name="finished_from"),
        CheckConstraint("ruling_due_precision in ('day','minute')", name="ruling_due_precision"),
        CheckConstraint(RULES_FROM_PRINTED, name="ruling_due_at"),
        Index("ix_cases_open_due", "ruling_due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "ix_cases_open_unit", "resolving_unit_id", "ruling_due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN
        ),
        Index("ix_cases_open_officer", "officer_id", "ruling_due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        # What opening breaches and counting the late asks of every late case, without reading the table.
        Index(
            "ix_cases_late",
            "finished_at",
            "id",
            "ruling_due_at",
            "gone_since",
            sqlite_where=LATE,
            postgresql_where=LATE,
        ),
        Index("ix_cases_late_unit", "resolving_unit_id", "finished_at", "id", sqlite_where=LATE, postgresql_where=LATE),
        Index("ix_cases_late_officer", "officer_id", "finished_at", "id", sqlite_where=LATE, postgresql_where=LATE),
        # The whole scope is counted by reading one narrow index: these two carry what a scope asks for.
        Index(
            "ix_cases_ended",
            "finished_at",
            "id",
            "ruling_due_at",
            "resolving_unit_id",
            "officer_id",
            sqlite_where=ENDED,
            postgresql_where=ENDED,
        ),
        Index("ix_cases_unknown_end", "received_at", "id", sqlite_where=UNKNOWN_END, postgresql_where=UNKNOWN_END),
        Index("ix_cases_aside", "received_at", "id", sqlite_where=ASIDE, postgresql_where=ASIDE),
        Index("ix_cases_faulty", "received_at", "id", sqlite_where=FAULTY, postgresql_where=FAULTY),
        Index("ix_cases_gone", "received_at", "id", sqlite_where=GONE, postgresql_where=GONE),
        # The new cases of a batch lie side by side: PostgreSQL need only know in which blocks.
        Index("ix_cases_first_batch", "first_batch_id", postgresql_using="brin"),
        Index("ix_cases_received", "received_at", "id", "resolving_unit_id", "officer_id"),
        Index("ix_cases_unit", "resolving_unit_id", "received_at", "id"),
        Index("ix_cases_officer", "officer_id", "received_at", "id"),
        Index("ix_cases_procedure", "procedure_id", "received_at", "id"),
        # Room for the next version of a row on its page: data that confirm a case then move no index of PostgreSQL.
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: Mapped[int] = col(primary_key=True)
    code: Mapped[str] = col(String(100), nullable=False, unique=True)
    procedure_id: Mapped[int | None] = col(ForeignKey("procedures.id"))
    subject: Mapped[str | None] = col(Text, personal="applicant")
    applicant_name: Mapped[str | None] = col(String(300), personal="applicant")
    applicant_folded: Mapped[str | None] = col(String(300), personal="applicant")
    receiving_unit_id: Mapped[int | None] = col(ForeignKey("units.id"))
    resolving_unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    officer_id: Mapped[int | None] = col(ForeignKey("people.id"))
    officer_name: Mapped[str | None] = col(String(200), personal="officer")
    channel: Mapped[str] = col(String(32), nullable=False, default="unknown", server_default="unknown")
    received_at: Mapped[datetime] = col(WallTime(), nullable=False)
    received_precision: Mapped[str] = col(String(8), nullable=False, default="minute", server_default="minute")
    due_at: Mapped[datetime | None] = col(WallTime())
    due_precision: Mapped[str | None] = col(String(8))
    finished_at: Mapped[datetime | None] = col(WallTime())
    finished_precision: Mapped[str | None] = col(String(8))
    finished_from: Mapped[str | None] = col(String(16))
    returned_at: Mapped[datetime | None] = col(WallTime())
    returned_precision: Mapped[str | None] = col(String(8))
    status_text: Mapped[str] = col(String(200), nullable=False, default="", server_default="")
    meaning: Mapped[str] = col(String(32), nullable=False)
    ended_seen_at: Mapped[datetime | None] = col(WallTime())
    data_fault: Mapped[str | None] = col(String(64))
    data_as_of: Mapped[datetime] = col(WallTime(), nullable=False)
    source_id: Mapped[int] = col(ForeignKey("sources.id"), nullable=False)
    first_batch_id: Mapped[int | None] = col(Integer)
    last_batch_id: Mapped[int | None] = col(Integer)
    gone_since: Mapped[datetime | None] = col(WallTime())
    search: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")
    result_ref: Mapped[str | None] = col(String(200))
    supplement_asked_at: Mapped[datetime | None] = col(WallTime())
    supplement_done_at: Mapped[datetime | None] = col(WallTime())
    ruling_due_at: Mapped[datetime | None] = col(WallTime(), default=_as_printed("due_at"))
    ruling_due_precision: Mapped[str | None] = col(String(8), default=_as_printed("due_precision"))
    moved_by: Mapped[str] = col(String(200), nullable=False, default="", server_default="")
    paused_since: Mapped[datetime | None] = col(WallTime())

    procedure: Mapped[Procedure | None] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class CaseChange(Base):
    """A difference of one field between two imports; append-only. ``kind``: ``changed``, ``due_later``, …"""

    __tablename__ = "case_changes"
    __table_args__ = (
        Index("ix_case_changes_case", "case_id", "id"),
        # The list of changes: one kind, newest first; and all of them counted by kind.
        Index("ix_case_changes_kind", "kind", "id", "case_id"),
    )

    id: Mapped[int] = col(primary_key=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    batch_id: Mapped[int | None] = col(Integer, index=True)
    field: Mapped[str] = col(String(64), nullable=False)
    old: Mapped[str | None] = col(Text, personal="applicant")
    new: Mapped[str | None] = col(Text, personal="applicant")
    kind: Mapped[str] = col(String(32), nullable=False, default="changed", server_default="changed")


class Pause(Base):
    """A recorded lawful pause of the term: awaiting a supplement, a payment, or another body where the law says so.

    Told by a source: ``source_ref`` is its own number of the request, so that the same one told again is the same row;
    ``due_before`` and ``due_after`` are the due moments it printed around the pause; ``batch_id``: the batch that told
    of it last. Recorded by a person (``source`` = ``person``): the row never changes; ending, correcting or taking back
    is a further row that names the one it ``replaces_id``, ``voided`` where nothing stands instead. A moment at 00:00
    has no time of day. ``in_printed``: the printed due date contains the pause already.
    """

    __tablename__ = "pauses"
    __table_args__ = (
        CheckConstraint("kind in ('supplement','payment','other_body')", name="kind"),
        CheckConstraint("ended_at >= started_at", name="order"),
        UniqueConstraint("case_id", "source_ref"),
    )

    id: Mapped[int] = col(primary_key=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False, index=True)
    started_at: Mapped[datetime] = col(WallTime(), nullable=False)
    ended_at: Mapped[datetime | None] = col(WallTime())
    reason: Mapped[str] = col(Text, nullable=False, default="", personal="applicant")
    document: Mapped[str] = col(Text, nullable=False, default="")
    source: Mapped[str] = col(String(32), nullable=False, default="import")
    source_ref: Mapped[str | None] = col(String(100))
    due_before: Mapped[datetime | None] = col(WallTime())
    due_after: Mapped[datetime | None] = col(WallTime())
    batch_id: Mapped[int | None] = col(Integer, index=True)
    kind: Mapped[str] = col(String(16), nullable=False, default="supplement", server_default="supplement")
    document_on: Mapped[date | None] = col(Date)
    in_printed: Mapped[bool] = col(Boolean, nullable=False, default=False, server_default="0")
    author: Mapped[str] = col(String(200), nullable=False, default="", server_default="", personal="officer")
    recorded_at: Mapped[datetime | None] = col(Instant())
    replaces_id: Mapped[int | None] = col(ForeignKey("pauses.id"), unique=True)
    voided: Mapped[bool] = col(Boolean, nullable=False, default=False, server_default="0")


class CaseExtension(Base):
    """A lawful extension of the term of one case by a document; append-only, corrected as pauses are.

    No letter of apology is one: its new date moves nothing (domain rules, breach and duties, 1).
    """

    __tablename__ = "case_extensions"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("unit in ('working_days','calendar_days','working_hours','months')", name="unit"),
    )

    id: Mapped[int] = col(primary_key=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False, index=True)
    amount: Mapped[int] = col(Integer, nullable=False)
    unit: Mapped[str] = col(String(32), nullable=False)
    document: Mapped[str] = col(Text, nullable=False)
    document_on: Mapped[date] = col(Date, nullable=False)
    reason: Mapped[str] = col(Text, nullable=False, default="", personal="applicant")
    in_printed: Mapped[bool] = col(Boolean, nullable=False, default=False)
    author: Mapped[str] = col(String(200), nullable=False, personal="officer")
    recorded_at: Mapped[datetime] = col(Instant(), nullable=False)
    replaces_id: Mapped[int | None] = col(ForeignKey("case_extensions.id"), unique=True)
    voided: Mapped[bool] = col(Boolean, nullable=False, default=False)


class ComputedDue(Base):
    """Our own count of the due moment of a case, beside the printed one; derived, and accuses nobody.

    ``difference``: how the ruling moment stands to it, None where they agree. ``last_hour_rule`` says by what it was
    counted; ``calendar_version_id``: the version since which it is so. A count that a later version confirms is not
    written again.
    """

    __tablename__ = "computed_dues"
    __table_args__ = (
        CheckConstraint("precision in ('day','minute')", name="precision"),
        CheckConstraint("difference in ('too_short','too_long')", name="difference"),
        Index(
            "ix_computed_dues_different",
            "difference",
            "case_id",
            sqlite_where=DIFFERENT,
            postgresql_where=DIFFERENT,
        ),
    )

    case_id: Mapped[int] = col(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    term_id: Mapped[int] = col(ForeignKey("procedure_terms.id"), nullable=False)
    due_at: Mapped[datetime] = col(WallTime(), nullable=False)
    precision: Mapped[str] = col(String(8), nullable=False)
    difference: Mapped[str | None] = col(String(16))
    calendar_version_id: Mapped[int] = col(Integer, nullable=False)
    last_hour_rule: Mapped[bool] = col(Boolean, nullable=False)


class Projection(Base):
    """Work that waits: cases to be counted anew off the request, in batches, from ``after_id`` on.

    ``scope``: all ``open`` cases, those of a ``procedure``, or those a ``batch`` brought or changed (``scope_id``).
    ``calendar_version_id``: by which version all open cases were begun to be counted.
    """

    __tablename__ = "projections"
    __table_args__ = (
        CheckConstraint("scope in ('open','procedure','batch')", name="scope"),
        CheckConstraint("state in ('waiting','running','done')", name="state"),
        Index("ix_projections_waiting", "id", sqlite_where=TO_PROJECT, postgresql_where=TO_PROJECT),
    )

    id: Mapped[int] = col(primary_key=True)
    scope: Mapped[str] = col(String(16), nullable=False)
    scope_id: Mapped[int | None] = col(Integer)
    reason: Mapped[str] = col(String(300), nullable=False)
    author: Mapped[str] = col(String(200), nullable=False, personal="officer")
    asked_at: Mapped[datetime] = col(Instant(), nullable=False)
    state: Mapped[str] = col(String(16), nullable=False, default="waiting")
    after_id: Mapped[int] = col(Integer, nullable=False, default=0)
    cases_done: Mapped[int] = col(Integer, nullable=False, default=0)
    cases_moved: Mapped[int] = col(Integer, nullable=False, default=0)
    counts_changed: Mapped[int] = col(Integer, nullable=False, default=0)
    finished_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1)
    calendar_version_id: Mapped[int | None] = col(Integer)

    __mapper_args__ = {"version_id_col": version}


class CaseStep(Base):
    """A step of a case as its source told it: who, in which unit (its own words), from when, due when.

    ``at`` is the moment the source gives the step. ``digest`` is the hash of all it said, so that the same step told
    again is one row; a step told otherwise is a further row.
    """

    __tablename__ = "case_steps"
    __table_args__ = (UniqueConstraint("case_id", "digest"), Index("ix_case_steps_case", "case_id", "at", "id"))

    id: Mapped[int] = col(primary_key=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    source_id: Mapped[int] = col(ForeignKey("sources.id"), nullable=False, index=True)
    officer: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    title: Mapped[str] = col(String(200), nullable=False, default="")
    unit: Mapped[str] = col(String(300), nullable=False, default="")
    content: Mapped[str] = col(Text, nullable=False, default="", personal="applicant")
    status: Mapped[str] = col(String(200), nullable=False, default="")
    started_at: Mapped[datetime | None] = col(WallTime())
    due_at: Mapped[datetime | None] = col(WallTime())
    at: Mapped[datetime] = col(WallTime(), nullable=False)
    digest: Mapped[str] = col(String(64), nullable=False)
