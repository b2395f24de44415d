"""Keep who follows up a question, and who answers for whom a violation concerns, once another person took over.

Revision ID: 20261128_0520_followers
Revises: 20261128_0519_supplement_leave
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0520_followers"
down_revision = "20261128_0519_supplement_leave"
branch_labels = None
depends_on = None

COLUMNS = (("body_questions", "followed_by"), ("violations", "writer_id"))


def upgrade() -> None:
    for table, column in COLUMNS:
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column(column, sa.Integer()))
            changed.create_foreign_key(op.f(f"fk_{table}_{column}_people"), "people", [column], ["id"])


def downgrade() -> None:
    for table, column in COLUMNS:
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(op.f(f"fk_{table}_{column}_people"), type_="foreignkey")
            changed.drop_column(column)
