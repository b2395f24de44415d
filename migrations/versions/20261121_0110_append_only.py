"""Make records that may become evidence append-only in the database itself.

Revision ID: 20261121_0110_append_only
Revises: 20261121_0100_first_schema
"""

from __future__ import annotations

from alembic import op

revision = "20261121_0110_append_only"
down_revision = "20261121_0100_first_schema"
branch_labels = None
depends_on = None

# Table and primary key; INSERT OR REPLACE on SQLite is a deletion in disguise, so the key is guarded too.
TABLES: dict[str, tuple[str, ...]] = {
    "apology_returns": ("id",),
    "audit_events": ("seq",),
    "audit_payloads": ("seq",),
    "breach_ends": ("id",),
    "breaches": ("id",),
    "calendar_versions": ("id",),
    "case_changes": ("id",),
    "conclusions": ("id",),
    "explanation_returns": ("id",),
    "explanation_texts": ("id",),
    "followup_cancellations": ("id",),
    "followup_grounds": ("followup_id", "breach_id"),
    "followups": ("id",),
    "redirection_answers": ("id",),
    "redirections": ("id",),
}
FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % may not be changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, key in TABLES.items():
            refuse = f"SELECT RAISE(ABORT, 'append-only: {table} may not be changed');"
            same = " AND ".join(f"{column} = NEW.{column}" for column in key)
            op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END")
            op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END")
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse} END"
            )
        return
    op.execute(FUNCTION)
    for table in TABLES:
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
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for name in ("no_update", "no_delete", "no_replace"):
                op.execute(f"DROP TRIGGER {table}_{name}")
        return
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
