"""Versions of how a source is read, and the words its files really wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.database import Base, Instant, col

APPEND_ONLY = ("source_mappings",)


class SourceMapping(Base):
    """One version of the mapping of a source, whole; append-only. ``batch_id``: the file that led to it, if any.

    ``columns`` is fact to heading, ``headings`` all headings of that list, ``meanings`` and ``channels`` text to
    meaning over the shipped default. A batch names the version it was read by.
    """

    __tablename__ = "source_mappings"
    __table_args__ = (UniqueConstraint("source_id", "version"),)

    id: Mapped[int] = col(Integer, primary_key=True)
    source_id: Mapped[int] = col(ForeignKey("sources.id"), nullable=False)
    version: Mapped[int] = col(Integer, nullable=False)
    columns: Mapped[dict[str, str]] = col(JSON, nullable=False, default=dict)
    headings: Mapped[list[Any]] = col(JSON, nullable=False, default=list)
    meanings: Mapped[dict[str, str]] = col(JSON, nullable=False, default=dict)
    channels: Mapped[dict[str, str]] = col(JSON, nullable=False, default=dict)
    author: Mapped[str] = col(String(200), nullable=False, personal="officer")
    reason: Mapped[str] = col(Text, nullable=False)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    batch_id: Mapped[int | None] = col(Integer)


class SourceWord(Base):
    """A status or channel as files of a source wrote it; ``row_count``: on how many rows of the last file with it."""

    __tablename__ = "source_words"
    __table_args__ = (
        CheckConstraint("kind IN ('status', 'channel')", name="kind"),
        UniqueConstraint("source_id", "kind", "text"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    source_id: Mapped[int] = col(ForeignKey("sources.id"), nullable=False)
    kind: Mapped[str] = col(String(16), nullable=False)
    text: Mapped[str] = col(String(200), nullable=False)
    row_count: Mapped[int] = col(Integer, nullable=False)
    seen_at: Mapped[datetime] = col(Instant(), nullable=False)
