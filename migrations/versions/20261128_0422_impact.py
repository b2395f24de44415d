"""Previews of what a change moves, and runs that carry it over the open cases.

Revision ID: 20261128_0422_impact
Revises: 20261128_0451_urging_notes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0422_impact"
down_revision = "20261128_0451_urging_notes"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'working', 'done', 'superseded')"


def upgrade() -> None:
    """Previews with their cases, and runs."""
    op.create_table(
        "impact_previews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("cause_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True)),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_impact_previews_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_previews")),
        sa.UniqueConstraint("cause", "cause_id", "base_id", name=op.f("uq_impact_previews_cause_cause_id_base_id")),
    )
    op.create_table(
        "impact_cases",
        sa.Column("preview_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("was", sa.DateTime(), nullable=False),
        sa.Column("becomes", sa.DateTime(), nullable=False),
        sa.Column("effect", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["impact_previews.id"], name=op.f("fk_impact_cases_preview_id_impact_previews")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_impact_cases_case_id_cases")),
        sa.PrimaryKeyConstraint("preview_id", "case_id", name=op.f("pk_impact_cases")),
    )
    op.create_index(op.f("ix_impact_cases_case_id"), "impact_cases", ["case_id"])
    op.create_table(
        "impact_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("cause_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_impact_runs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_runs")),
        sa.UniqueConstraint("cause", "cause_id", name=op.f("uq_impact_runs_cause_cause_id")),
    )


def downgrade() -> None:
    """Without them."""
    for table in ("impact_runs", "impact_cases", "impact_previews"):
        op.drop_table(table)
