"""The term of an explanation without what made its clock stand.

Revision ID: 20261128_0501_base_due
Revises: 20261128_0480_quick_checks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0501_base_due"
down_revision = "20261128_0480_quick_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("explanations", sa.Column("base_due_on", sa.Date()))


def downgrade() -> None:
    with op.batch_alter_table("explanations") as explanations:
        explanations.drop_column("base_due_on")
