"""Pauses and extensions that people record, with their documents.

Revision ID: 20261128_0431_recorded_pauses
Revises: 20261128_0450_notices
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0431_recorded_pauses"
down_revision = "20261128_0450_notices"
branch_labels = None
depends_on = None

EXTENSIONS = "case_extensions"
ADDED = ("kind", "document_on", "in_printed", "author", "recorded_at", "replaces_id", "voided")


def upgrade() -> None:
    """Say more of a pause; keep what people recorded as it was recorded."""
    instant = sa.DateTime(timezone=True)
    with op.batch_alter_table("pauses") as table:
        table.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="supplement"))
        table.add_column(sa.Column("document_on", sa.Date()))
        table.add_column(sa.Column("in_printed", sa.Boolean(), nullable=False, server_default="0"))
        table.add_column(sa.Column("author", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("recorded_at", instant))
        table.add_column(sa.Column("replaces_id", sa.Integer()))
        table.add_column(sa.Column("voided", sa.Boolean(), nullable=False, server_default="0"))
        table.create_check_constraint(op.f("ck_pauses_kind"), "kind in ('supplement','payment','other_body')")
        table.create_check_constraint(op.f("ck_pauses_order"), "ended_at >= started_at")
        table.create_foreign_key(op.f("fk_pauses_replaces_id_pauses"), "pauses", ["replaces_id"], ["id"])
        table.create_unique_constraint(op.f("uq_pauses_replaces_id"), ["replaces_id"])
    op.add_column("sources", sa.Column("supplements_pause", sa.Boolean(), nullable=False, server_default="0"))
    op.create_table(
        EXTENSIONS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("in_printed", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("recorded_at", instant, nullable=False),
        sa.Column("replaces_id", sa.Integer()),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_case_extensions_amount")),
        sa.CheckConstraint(
            "unit in ('working_days','calendar_days','working_hours','months')", name=op.f("ck_case_extensions_unit")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_extensions_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["case_extensions.id"], name=op.f("fk_case_extensions_replaces_id_case_extensions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_extensions")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_case_extensions_replaces_id")),
    )
    op.create_index(op.f("ix_case_extensions_case_id"), EXTENSIONS, ["case_id"])
    _guard()


def _guard() -> None:
    """Extensions are never changed; nor is a pause that a person recorded. What sources tell, they may tell anew."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'append-only: {EXTENSIONS} may not be changed');"
        op.execute(f"CREATE TRIGGER {EXTENSIONS}_no_update BEFORE UPDATE ON {EXTENSIONS} BEGIN {refuse} END")
        op.execute(f"CREATE TRIGGER {EXTENSIONS}_no_delete BEFORE DELETE ON {EXTENSIONS} BEGIN {refuse} END")
        op.execute(
            f"CREATE TRIGGER {EXTENSIONS}_no_replace BEFORE INSERT ON {EXTENSIONS} "
            f"WHEN EXISTS (SELECT 1 FROM {EXTENSIONS} WHERE id = NEW.id) BEGIN {refuse} END"
        )
        recorded = "WHEN OLD.source = 'person' BEGIN SELECT RAISE(ABORT, 'append-only: a recorded pause'); END"
        op.execute(f"CREATE TRIGGER pauses_no_update BEFORE UPDATE ON pauses {recorded}")
        op.execute(f"CREATE TRIGGER pauses_no_delete BEFORE DELETE ON pauses {recorded}")
        return
    op.execute(
        f"CREATE TRIGGER {EXTENSIONS}_no_change BEFORE UPDATE OR DELETE ON {EXTENSIONS} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {EXTENSIONS}_no_truncate BEFORE TRUNCATE ON {EXTENSIONS} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER pauses_no_change BEFORE UPDATE OR DELETE ON pauses "
        "FOR EACH ROW WHEN (OLD.source = 'person') EXECUTE FUNCTION refuse_change()"
    )
    for table, name in ((EXTENSIONS, "no_change"), (EXTENSIONS, "no_truncate"), ("pauses", "no_change")):
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def downgrade() -> None:
    """What people recorded is lost; what sources told stays."""
    names = ("no_update", "no_delete") if op.get_bind().dialect.name == "sqlite" else ("no_change",)
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON pauses"
    for name in names:
        op.execute(f"DROP TRIGGER pauses_{name}{on}")
    op.execute("UPDATE cases SET ruling_due_at = due_at, ruling_due_precision = due_precision, moved_by = ''")
    op.execute("UPDATE cases SET paused_since = NULL")
    op.execute("UPDATE pauses SET replaces_id = NULL")
    op.execute("DELETE FROM pauses WHERE source = 'person'")
    op.drop_table(EXTENSIONS)
    with op.batch_alter_table("sources") as table:
        table.drop_column("supplements_pause")
    with op.batch_alter_table("pauses") as table:
        table.drop_constraint(op.f("uq_pauses_replaces_id"), type_="unique")
        table.drop_constraint(op.f("fk_pauses_replaces_id_pauses"), type_="foreignkey")
        table.drop_constraint(op.f("ck_pauses_order"), type_="check")
        table.drop_constraint(op.f("ck_pauses_kind"), type_="check")
        for name in ADDED:
            table.drop_column(name)
