"""Counts that no case list carries, as somebody told them: one row a saying, append-only; the newest of a key rules."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped

from portal.database import Base, Instant, col
from portal.figures.rules import Quantity

APPEND_ONLY = ("aggregates",)

QUANTITIES = ", ".join(repr(str(quantity)) for quantity in Quantity)


class Aggregate(Base):
    """What was said of one unit, field and month. ``month`` is its first day; ``field`` empty: not parted by field.

    ``value`` None takes back what was said before. ``source`` says where the number comes from; ``author`` who said it.
    """

    __tablename__ = "aggregates"
    __table_args__ = (
        CheckConstraint(f"quantity in ({QUANTITIES})", name="quantity"),
        CheckConstraint("value is null or value >= 0", name="value"),
        Index("ix_aggregates_month", "month", "unit_id", "field", "quantity", "id"),
    )

    id: Mapped[int] = col(primary_key=True)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False, index=True)
    field: Mapped[str] = col(String(300), nullable=False, default="")
    month: Mapped[date] = col(Date, nullable=False)
    quantity: Mapped[str] = col(String(32), nullable=False)
    value: Mapped[int | None] = col(Integer)
    source: Mapped[str] = col(Text, nullable=False, default="")
    author: Mapped[str] = col(String(200), nullable=False, personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)
    file_name: Mapped[str | None] = col(String(300))
    file_sha256: Mapped[str | None] = col(String(64))
