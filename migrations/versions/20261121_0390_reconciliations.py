"""Reports of a source against our own numbers.

Revision ID: 20261121_0390_reconciliations
Revises: 20261121_0380_unit_successors
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_0390_reconciliations"
down_revision = "20261121_0380_unit_successors"
branch_labels = None
depends_on = None

APPEND_ONLY = ("source_reports", "source_report_rows", "source_code_lists", "source_codes")


def upgrade() -> None:
    """Reports with their rows, lists of codes, and an index for the list of changes."""
    op.create_index("ix_case_changes_kind", "case_changes", ["kind", "id", "case_id"])
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "source_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("root_id", sa.Integer()),
        sa.Column("replaces_id", sa.Integer()),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer()),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("file_name", sa.String(300)),
        sa.Column("file_sha256", sa.String(64)),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.CheckConstraint("door in ('typed','file')", name=op.f("ck_source_reports_door")),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_source_reports_period")),
        sa.ForeignKeyConstraint(["root_id"], ["source_reports.id"], name=op.f("fk_source_reports_root_id_source_reports")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["source_reports.id"], name=op.f("fk_source_reports_replaces_id_source_reports")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_reports_source_id_sources")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_source_reports_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_reports")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_source_reports_replaces_id")),
    )
    op.create_index(op.f("ix_source_reports_root_id"), "source_reports", ["root_id"])
    op.create_index(op.f("ix_source_reports_source_id"), "source_reports", ["source_id"])
    op.create_index(op.f("ix_source_reports_unit_id"), "source_reports", ["unit_id"])
    op.create_index("ix_source_reports_to", "source_reports", ["to_on", "id"])
    op.create_table(
        "source_report_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("unit_text", sa.Text(), nullable=False),
        sa.Column("is_total", sa.Boolean(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["source_reports.id"], name=op.f("fk_source_report_rows_report_id_source_reports")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_source_report_rows_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_report_rows")),
    )
    op.create_index("ix_source_report_rows_report", "source_report_rows", ["report_id", "id"])
    op.create_index(op.f("ix_source_report_rows_unit_id"), "source_report_rows", ["unit_id"])
    op.create_table(
        "source_code_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("figure", sa.String(32), nullable=False),
        sa.Column("heading", sa.String(300), nullable=False),
        sa.Column("file_name", sa.String(300), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("rows_without_code", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["source_reports.id"], name=op.f("fk_source_code_lists_report_id_source_reports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_code_lists")),
    )
    op.create_index("ix_source_code_lists_report", "source_code_lists", ["report_id", "figure", "id"])
    op.create_table(
        "source_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("unit_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["source_code_lists.id"], name=op.f("fk_source_codes_list_id_source_code_lists")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_source_codes_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_codes")),
    )
    op.create_index("ix_source_codes_list", "source_codes", ["list_id", "code"], unique=True)
    for table in APPEND_ONLY:
        guard(table)


def guard(table: str) -> None:
    """Refuse every change and deletion of a table's rows."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'append-only: {table} may not be changed');"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END")
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse} END"
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
    """Take the tables and the index away; their triggers go with them."""
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
    op.drop_index("ix_case_changes_kind", "case_changes")
