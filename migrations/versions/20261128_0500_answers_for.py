"""Somebody may write an explanation for the person it is about, who left or is on leave.

Revision ID: 20261128_0500_answers_for
Revises: 20261128_0490_one_follower
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0500_answers_for"
down_revision = "20261128_0490_one_follower"
branch_labels = None
depends_on = None

FOR_ANOTHER = sa.text("answers_for_id IS NOT NULL")
INDEX, KEY = "ix_explanations_answers_for", "fk_explanations_answers_for_id_people"


def upgrade() -> None:
    with op.batch_alter_table("explanations") as explanations:
        explanations.add_column(sa.Column("answers_for_id", sa.Integer()))
        explanations.create_foreign_key(op.f(KEY), "people", ["answers_for_id"], ["id"])
    op.create_index(
        INDEX, "explanations", ["answers_for_id"], sqlite_where=FOR_ANOTHER, postgresql_where=FOR_ANOTHER
    )


def downgrade() -> None:
    op.drop_index(INDEX, "explanations")
    with op.batch_alter_table("explanations") as explanations:
        explanations.drop_constraint(op.f(KEY), type_="foreignkey")
        explanations.drop_column("answers_for_id")
