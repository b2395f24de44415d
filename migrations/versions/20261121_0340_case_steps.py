"""Pauses with their source, and the steps of a case.

Revision ID: 20261121_0340_case_steps
Revises: 20261121_0330_case_results
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_0340_case_steps"
down_revision = "20261121_0330_case_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A pause knows the source's own number and the due moments around it; steps get a table."""
    with op.batch_alter_table("pauses") as pauses:
        pauses.add_column(sa.Column("source_ref", sa.String(100)))
        pauses.add_column(sa.Column("due_before", sa.DateTime()))
        pauses.add_column(sa.Column("due_after", sa.DateTime()))
        pauses.add_column(sa.Column("batch_id", sa.Integer()))
        pauses.create_unique_constraint(op.f("uq_pauses_case_id_source_ref"), ["case_id", "source_ref"])
        pauses.create_index(op.f("ix_pauses_batch_id"), ["batch_id"])
    op.create_table(
        "case_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(200), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("unit", sa.String(300), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("status", sa.String(200), nullable=False),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("due_at", sa.DateTime()),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_steps_case_id_cases")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_case_steps_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
        sa.UniqueConstraint("case_id", "digest", name=op.f("uq_case_steps_case_id_digest")),
    )
    op.create_index("ix_case_steps_case", "case_steps", ["case_id", "at", "id"])
    op.create_index(op.f("ix_case_steps_source_id"), "case_steps", ["source_id"])


def downgrade() -> None:
    """Without the steps, and pauses as they were."""
    op.drop_table("case_steps")
    with op.batch_alter_table("pauses") as pauses:
        pauses.drop_index(op.f("ix_pauses_batch_id"))
        pauses.drop_constraint(op.f("uq_pauses_case_id_source_ref"), type_="unique")
        for name in ("batch_id", "due_after", "due_before", "source_ref"):
            pauses.drop_column(name)
