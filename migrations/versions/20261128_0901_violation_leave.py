"""Keep the term of an answer to a violation as it is without leave, where leave moved it.

Revision ID: 20261128_0901_violation_leave
Revises: 20261128_0900_further_questions
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0901_violation_leave"
down_revision = "20261128_0900_further_questions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("violations", sa.Column("base_due_on", sa.Date()))


def downgrade() -> None:
    """Terms stay where leave moved them."""
    op.drop_column("violations", "base_due_on")
