"""Signed copies of letters: scans and PDFs with electronic signatures, kept by their hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0440_signed_copies"
down_revision = "20261128_0432_procedure_terms"
branch_labels = None
depends_on = None

TABLE = "signed_copies"


def upgrade() -> None:
    """The copies, append-only."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("apology_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("base_sha256", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("signatures", sa.JSON(none_as_null=True)),
        sa.Column("by_id", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way in ('paper', 'token', 'seal')", name=op.f("ck_signed_copies_way")),
        sa.CheckConstraint("(way = 'paper') = (signatures is null)", name=op.f("ck_signed_copies_signatures")),
        sa.ForeignKeyConstraint(["apology_id"], ["apologies.id"], name=op.f("fk_signed_copies_apology_id_apologies")),
        sa.ForeignKeyConstraint(
            ["base_sha256"], ["stored_files.sha256"], name=op.f("fk_signed_copies_base_sha256_stored_files")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["stored_files.sha256"], name=op.f("fk_signed_copies_sha256_stored_files")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_signed_copies_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_copies")),
    )
    op.create_index(op.f("ix_signed_copies_apology_id"), TABLE, ["apology_id"])
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
