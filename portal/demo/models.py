"""The mark that a database is a demonstration, and where its clock stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from portal.database import Base, Instant, WallTime, col


class DemoState(Base):
    """The one row of a demonstration database; real databases have none."""

    __tablename__ = "demo_state"

    id: Mapped[int] = col(primary_key=True)
    clock: Mapped[datetime] = col(WallTime(), nullable=False)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
