"""Swaps as one row, documents with number and date, working hours, exceptions of units, drafts of changes.

Revision ID: 20261128_0420_calendar_swaps
Revises: 20261128_0475_violations
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0420_calendar_swaps"
down_revision = "20261128_0475_violations"
branch_labels = None
depends_on = None

KINDS_BEFORE = "kind IN ('off', 'make_up')"
KINDS = "kind IN ('off', 'make_up', 'swap')"
SWAP = "(kind = 'swap') = (worked_on IS NOT NULL)"


def upgrade() -> None:
    """A day may be a swap; hours, exceptions and drafts get tables."""
    with op.batch_alter_table("calendar_days") as days:
        days.add_column(sa.Column("worked_on", sa.Date()))
        days.add_column(sa.Column("document_number", sa.String(100), nullable=False, server_default=""))
        days.add_column(sa.Column("document_on", sa.Date()))
        days.add_column(sa.Column("author", sa.String(200), nullable=False, server_default=""))
        days.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        days.drop_constraint(op.f("ck_calendar_days_kind"), type_="check")
        days.create_check_constraint(op.f("ck_calendar_days_kind"), KINDS)
        days.create_check_constraint(op.f("ck_calendar_days_swap"), SWAP)
    document = (
        lambda: sa.Column("document", sa.String(300), nullable=False),
        lambda: sa.Column("document_number", sa.String(100), nullable=False),
        lambda: sa.Column("document_on", sa.Date()),
    )
    op.create_table(
        "calendar_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        *(column() for column in document),
        sa.Column("shipped_version", sa.Integer()),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_hours")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_calendar_hours_valid_from")),
    )
    op.create_table(
        "calendar_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("weekday", sa.Integer()),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        *(column() for column in document),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('closed', 'open', 'desk')", name=op.f("ck_calendar_exceptions_kind")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_calendar_exceptions_weekday")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_calendar_exceptions_dates")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_calendar_exceptions_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_exceptions")),
    )
    op.create_index("ix_calendar_exceptions_unit", "calendar_exceptions", ["unit_id", "valid_from"])
    op.create_table(
        "calendar_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("base_version_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("applied_version_id", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('shown', 'applied', 'discarded')", name=op.f("ck_calendar_drafts_state")),
        sa.ForeignKeyConstraint(
            ["base_version_id"], ["calendar_versions.id"],
            name=op.f("fk_calendar_drafts_base_version_id_calendar_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["applied_version_id"], ["calendar_versions.id"],
            name=op.f("fk_calendar_drafts_applied_version_id_calendar_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_drafts")),
    )
    op.create_index("ix_calendar_drafts_user", "calendar_drafts", ["user_id", "id"])


def downgrade() -> None:
    """Without them; a swap that is still one row is a day off again."""
    op.drop_table("calendar_drafts")
    op.drop_table("calendar_exceptions")
    op.drop_table("calendar_hours")
    op.execute("UPDATE calendar_days SET kind = 'off', worked_on = NULL WHERE kind = 'swap'")
    with op.batch_alter_table("calendar_days") as days:
        days.drop_constraint(op.f("ck_calendar_days_swap"), type_="check")
        days.drop_constraint(op.f("ck_calendar_days_kind"), type_="check")
        days.create_check_constraint(op.f("ck_calendar_days_kind"), KINDS_BEFORE)
        for name in ("reason", "author", "document_on", "document_number", "worked_on"):
            days.drop_column(name)
