"""Further explanations while a case stays open.

Revision ID: 20261128_0462_supplements
Revises: 20261128_0461_common_drafts
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0462_supplements"
down_revision = "20261128_0461_common_drafts"
branch_labels = None
depends_on = None

TABLE = "supplements"
INSTANT = sa.DateTime(timezone=True)
ACTIVE = sa.text("state IN ('waiting','draft','submitted','returned')")
STATES = "'waiting','draft','submitted','returned','noted','over'"


def _key(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{TABLE}_{column}_{table}"))


def upgrade() -> None:
    """The table; at most one active row for each breach."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("breach_id", sa.Integer(), nullable=False),
        sa.Column("explanation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("holder_id", sa.Integer()),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False, server_default=""),
        sa.Column("remedy", sa.Text(), nullable=False, server_default=""),
        sa.Column("promised_on", sa.Date()),
        sa.Column("comment", sa.Text(), nullable=False, server_default=""),
        sa.Column("returned_times", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("saved_at", INSTANT),
        sa.Column("submitted_at", INSTANT),
        sa.Column("submitted_on", sa.Date()),
        sa.Column("noted_by", sa.Integer()),
        sa.Column("noted_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.CheckConstraint(f"state in ({STATES})", name=op.f("ck_supplements_state")),
        sa.CheckConstraint("reason in ('still_open','date_missed')", name=op.f("ck_supplements_reason")),
        _key("breach_id", "breaches"),
        _key("explanation_id", "explanations"),
        _key("holder_id", "people"),
        _key("unit_id", "units"),
        _key("noted_by", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplements")),
        sa.UniqueConstraint("breach_id", "number", name=op.f("uq_supplements_breach_id_number")),
    )
    op.create_index(op.f("ix_supplements_explanation_id"), TABLE, ["explanation_id"])
    op.create_index("ix_supplements_holder", TABLE, ["holder_id", "state", "due_on"])
    op.create_index("ix_supplements_unit", TABLE, ["unit_id", "state", "due_on"])
    op.create_index(
        "uq_supplements_active", TABLE, ["breach_id"], unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE
    )


def downgrade() -> None:
    """The table goes; the first explanations stay as they are."""
    op.drop_table(TABLE)
