"""Counts that no case list carries.

Revision ID: 20261121_0400_aggregates
Revises: 20261121_0390_reconciliations
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_0400_aggregates"
down_revision = "20261121_0390_reconciliations"
branch_labels = None
depends_on = None

TABLE = "aggregates"
QUANTITIES = "'received_outside', 'payments', 'payments_online', 'digitised'"


def upgrade() -> None:
    """The sayings, append-only."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(300), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("quantity", sa.String(32), nullable=False),
        sa.Column("value", sa.Integer()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(300)),
        sa.Column("file_sha256", sa.String(64)),
        sa.CheckConstraint(f"quantity in ({QUANTITIES})", name=op.f("ck_aggregates_quantity")),
        sa.CheckConstraint("value is null or value >= 0", name=op.f("ck_aggregates_value")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_aggregates_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aggregates")),
    )
    op.create_index(op.f("ix_aggregates_unit_id"), TABLE, ["unit_id"])
    op.create_index("ix_aggregates_month", TABLE, ["month", "unit_id", "field", "quantity", "id"])
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'append-only: {TABLE} may not be changed');"
        op.execute(f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN {refuse} END")
        op.execute(f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} BEGIN {refuse} END")
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
            f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) BEGIN {refuse} END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_no_change")
    op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_no_truncate")


def downgrade() -> None:
    """Take the table away; its triggers go with it."""
    op.drop_table(TABLE)
