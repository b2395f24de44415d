"""The two rows of each shipped swap become one.

Revision ID: 20261128_0421_join_swaps
Revises: 20261128_0420_calendar_swaps
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "20261128_0421_join_swaps"
down_revision = "20261128_0420_calendar_swaps"
branch_labels = None
depends_on = None

SWAPS = (
    (date(2024, 4, 29), date(2024, 5, 4)),
    (date(2025, 5, 2), date(2025, 4, 26)),
    (date(2026, 1, 2), date(2026, 1, 10)),
    (date(2026, 8, 31), date(2026, 8, 22)),
)
DAYS = sa.table(
    "calendar_days",
    *(
        sa.column(name, kind)
        for name, kind in {
            "day": sa.Date(), "worked_on": sa.Date(), "kind": sa.String(), "name": sa.String(),
            "document": sa.String(), "status": sa.String(), "doubt": sa.String(), "in_force": sa.Boolean(),
            "shipped_version": sa.Integer(), "edited_at": sa.DateTime(), "version": sa.Integer(),
        }.items()
    ),
)  # fmt: skip


def upgrade() -> None:
    """Join what stands as it was shipped; a make-up day that somebody edited or removed stays a row of its own."""
    bind = op.get_bind()
    for off, worked in SWAPS:
        made_up = DAYS.c.day == worked, DAYS.c.kind == "make_up", DAYS.c.in_force, DAYS.c.edited_at.is_(None)
        found = bind.scalar(sa.select(sa.func.count()).select_from(DAYS).where(*made_up))
        day_off = DAYS.c.day == off, DAYS.c.kind == "off", DAYS.c.in_force
        if not found or not bind.scalar(sa.select(sa.func.count()).select_from(DAYS).where(*day_off)):
            continue
        bind.execute(DAYS.delete().where(*made_up))
        bind.execute(
            DAYS.update().where(*day_off).values(kind="swap", worked_on=worked, version=DAYS.c.version + 1)
        )


def downgrade() -> None:
    """Give each swap its make-up day back as a row."""
    bind = op.get_bind()
    for row in bind.execute(sa.select(DAYS).where(DAYS.c.kind == "swap")).all():
        facts = {"document": row.document, "status": row.status, "doubt": row.doubt, "in_force": row.in_force}
        facts |= {"shipped_version": row.shipped_version, "version": 1}
        bind.execute(DAYS.update().where(DAYS.c.day == row.day).values(kind="off", worked_on=None))
        bind.execute(DAYS.insert().values(day=row.worked_on, kind="make_up", name="Ngày làm bù", **facts))
