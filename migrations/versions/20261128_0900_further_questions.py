"""Let a question to another body belong to a further explanation, whose clock it then stops.

Revision ID: 20261128_0900_further_questions
Revises: 20261128_0521_urged_people
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0900_further_questions"
down_revision = "20261128_0521_urged_people"
branch_labels = None
depends_on = None

TABLE, COLUMN = "body_questions", "supplement_id"
KEY = "fk_body_questions_supplement_id_supplements"


def upgrade() -> None:
    with op.batch_alter_table(TABLE) as changed:
        changed.add_column(sa.Column(COLUMN, sa.Integer()))
        changed.create_foreign_key(op.f(KEY), "supplements", [COLUMN], ["id"])


def downgrade() -> None:
    """Questions about further explanations stay as questions about their breach."""
    with op.batch_alter_table(TABLE) as changed:
        changed.drop_constraint(op.f(KEY), type_="foreignkey")
        changed.drop_column(COLUMN)
