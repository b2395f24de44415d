"""Files that prove the sending of a letter of apology.

Revision ID: 20261128_0511_sending_proofs
Revises: 20261128_0510_one_new_date
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0511_sending_proofs"
down_revision = "20261128_0510_one_new_date"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sending_proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("apology_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["apology_id"], ["apologies.id"], name=op.f("fk_sending_proofs_apology_id_apologies")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_sending_proofs_by_id_people")),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_files.sha256"], name=op.f("fk_sending_proofs_sha256_stored_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_proofs")),
    )
    op.create_index(op.f("ix_sending_proofs_apology_id"), "sending_proofs", ["apology_id"], unique=False)
    refuse_changes("sending_proofs", ("id",))


def refuse_changes(table: str, key: tuple[str, ...]) -> None:
    """Let the database itself refuse to change a row that may become evidence."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'append-only: {table} may not be changed');"
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END")
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse} END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate")


def downgrade() -> None:
    op.drop_table("sending_proofs")
