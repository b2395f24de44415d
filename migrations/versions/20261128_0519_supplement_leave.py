"""Keep the term of a further explanation without the leave of its holder, as for the first one.

Revision ID: 20261128_0519_supplement_leave
Revises: 20261128_0518_section_returns
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0519_supplement_leave"
down_revision = "20261128_0518_section_returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplements", sa.Column("base_due_on", sa.Date()))


def downgrade() -> None:
    op.drop_column("supplements", "base_due_on")
