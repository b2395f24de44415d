"""What jobs ran, for which slot, and how it went.

Revision ID: 20261121_0360_job_runs
Revises: 20261121_0350_api_tokens
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_0360_job_runs"
down_revision = "20261121_0350_api_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("slot", sa.String(32), nullable=False),
        sa.Column("last_slot", instant),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("is_catch_up", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(120), nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("beat_at", instant, nullable=False),
        sa.Column("finished_at", instant),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(80)),
        sa.Column("error_facts", sa.JSON()),
        sa.CheckConstraint("state IN ('running', 'done', 'failed', 'covered')", name=op.f("ck_job_runs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "slot", name=op.f("uq_job_runs_job_slot")),
    )
    op.create_table(
        "scheduler_beats",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.String(120), nullable=False),
        sa.Column("first_at", instant, nullable=False),
        sa.Column("leads_since", instant, nullable=False),
        sa.Column("beat_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduler_beats")),
    )


def downgrade() -> None:
    op.drop_table("scheduler_beats")
    op.drop_table("job_runs")
