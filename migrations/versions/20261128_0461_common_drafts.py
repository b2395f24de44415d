"""One explanation for many cases, and the drafts of windows that lost against another.

Revision ID: 20261128_0461_common_drafts
Revises: 20261128_0460_cause_details
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0461_common_drafts"
down_revision = "20261128_0460_cause_details"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Four tables."""
    op.create_table(
        "explanation_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cause_id", sa.Integer()),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("commitment_on", sa.Date()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("saved_at", INSTANT),
        sa.Column("submitted_at", INSTANT),
        sa.Column("submitted_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('draft','submitted','dropped')", name=op.f("ck_explanation_batches_state")),
        sa.ForeignKeyConstraint(["holder_id"], ["people.id"], name=op.f("fk_explanation_batches_holder_id_people")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_explanation_batches_by_id_people")),
        sa.ForeignKeyConstraint(["cause_id"], ["causes.id"], name=op.f("fk_explanation_batches_cause_id_causes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation_batches")),
    )
    op.create_index("ix_explanation_batches_holder", "explanation_batches", ["holder_id", "state"])
    op.create_table(
        "batch_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("explanation_id", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["explanation_batches.id"], name=op.f("fk_batch_members_batch_id_explanation_batches")
        ),
        sa.ForeignKeyConstraint(
            ["explanation_id"], ["explanations.id"], name=op.f("fk_batch_members_explanation_id_explanations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_members")),
        sa.UniqueConstraint("batch_id", "explanation_id", name=op.f("uq_batch_members_batch_id_explanation_id")),
    )
    op.create_index(op.f("ix_batch_members_explanation_id"), "batch_members", ["explanation_id"])
    op.create_table(
        "batch_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_id", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["explanation_batches.id"], name=op.f("fk_batch_files_batch_id_explanation_batches")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_batch_files_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_files")),
    )
    op.create_index(op.f("ix_batch_files_batch_id"), "batch_files", ["batch_id"])
    op.create_table(
        "side_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("window", sa.String(64), nullable=False),
        sa.Column("explanation_id", sa.Integer()),
        sa.Column("batch_id", sa.Integer()),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(explanation_id is null) <> (batch_id is null)", name=op.f("ck_side_drafts_of_one")
        ),
        sa.ForeignKeyConstraint(
            ["explanation_id"], ["explanations.id"], name=op.f("fk_side_drafts_explanation_id_explanations")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["explanation_batches.id"], name=op.f("fk_side_drafts_batch_id_explanation_batches")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_side_drafts_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_drafts")),
        sa.UniqueConstraint("person_id", "window", name=op.f("uq_side_drafts_person_id_window")),
    )
    op.create_index(op.f("ix_side_drafts_explanation_id"), "side_drafts", ["explanation_id"])
    op.create_index(op.f("ix_side_drafts_batch_id"), "side_drafts", ["batch_id"])


def downgrade() -> None:
    """The tables go; what was submitted stands in the explanations."""
    for table in ("side_drafts", "batch_files", "batch_members", "explanation_batches"):
        op.drop_table(table)
