"""Keep what officers propose as pauses of their cases until a head records or refuses it.

Revision ID: 20261128_0902_pause_proposals
Revises: 20261128_0901_violation_leave
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0902_pause_proposals"
down_revision = "20261128_0901_violation_leave"
branch_labels = None
depends_on = None

TABLE = "pause_proposals"
WAITS = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("in_printed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("pause_id", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('waiting','recorded','refused','withdrawn')", name=op.f("ck_pause_proposals_state")
        ),
        sa.CheckConstraint("kind in ('supplement','payment','other_body')", name=op.f("ck_pause_proposals_kind")),
        sa.CheckConstraint("(state = 'recorded') = (pause_id is not null)", name=op.f("ck_pause_proposals_recorded")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_pause_proposals_case_id_cases")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_pause_proposals_proposed_by_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_pause_proposals_decided_by_people")),
        sa.ForeignKeyConstraint(["pause_id"], ["pauses.id"], name=op.f("fk_pause_proposals_pause_id_pauses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_proposals")),
    )
    op.create_index(
        "uq_pause_proposals_waiting", TABLE, ["case_id"], unique=True, sqlite_where=WAITS, postgresql_where=WAITS
    )
    op.create_index("ix_pause_proposals_case", TABLE, ["case_id"])
    op.create_index("ix_pause_proposals_proposer", TABLE, ["proposed_by", "id"])


def downgrade() -> None:
    op.drop_table(TABLE)
