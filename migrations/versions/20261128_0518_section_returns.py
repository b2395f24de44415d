"""Say of a return whether the head of a section made it, before the head of the unit.

Revision ID: 20261128_0518_section_returns
Revises: 20261128_0502_section_step
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0518_section_returns"
down_revision = "20261128_0502_section_step"
branch_labels = None
depends_on = None

TABLE = "explanation_returns"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("by_section", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column(TABLE, "by_section")
