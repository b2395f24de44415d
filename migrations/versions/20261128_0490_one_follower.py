"""Open cases follow a version of the calendar by one kind of work, which names the version.

Revision ID: 20261128_0490_one_follower
Revises: 20261128_0511_sending_proofs
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0490_one_follower"
down_revision = "20261128_0511_sending_proofs"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'working', 'done', 'superseded')"


def upgrade() -> None:
    """Projections name the version; runs of their own are gone. All open cases are counted once more."""
    op.add_column("projections", sa.Column("calendar_version_id", sa.Integer(), nullable=True))
    op.drop_table("impact_runs")


def downgrade() -> None:
    """Runs again, none of them begun."""
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
    op.drop_column("projections", "calendar_version_id")
