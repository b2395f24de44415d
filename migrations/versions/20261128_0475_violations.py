"""Violations and complaints, and follow-ups that rest on them.

Revision ID: 20261128_0475_violations
Revises: 20261128_0431_recorded_pauses
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0475_violations"
down_revision = "20261128_0431_recorded_pauses"
branch_labels = None
depends_on = None

# Table and primary key; INSERT OR REPLACE on SQLite is a deletion in disguise, so the key is guarded too.
APPEND_ONLY = {
    "violation_texts": ("id",),
    "violation_conclusions": ("id",),
    "followup_violations": ("followup_id", "violation_id"),
}


def upgrade() -> None:
    op.create_table(
        "violations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("signal", sa.String(length=64), nullable=True),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("reporter", sa.String(length=300), server_default="", nullable=False),
        sa.Column("call_number", sa.String(length=100), server_default="", nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("decision_due_on", sa.Date(), nullable=True),
        sa.Column("cause", sa.String(length=32), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("returned_times", sa.Integer(), server_default="0", nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "kind in ('premature_closure', 'falsified_data', 'stalled', 'outside_system', 'attitude')",
            name=op.f("ck_violations_kind"),
        ),
        sa.CheckConstraint("origin in ('portal', 'person', 'hotline')", name=op.f("ck_violations_origin")),
        sa.CheckConstraint(
            "state in ('suspected', 'waiting', 'answered', 'returned', 'concluded', 'dismissed')",
            name=op.f("ck_violations_state"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_violations_case_id_cases")),
        sa.ForeignKeyConstraint(["holder_id"], ["people.id"], name=op.f("fk_violations_holder_id_people")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_violations_recorded_by_people")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_violations_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violations")),
        sa.UniqueConstraint("kind", "case_id", "signal", name=op.f("uq_violations_kind_case_id_signal")),
    )
    op.create_index("ix_violations_case", "violations", ["case_id"], unique=False)
    op.create_index("ix_violations_holder", "violations", ["holder_id", "state", "due_on"], unique=False)
    op.create_index("ix_violations_unit", "violations", ["unit_id", "state", "due_on"], unique=False)
    op.create_table(
        "followup_violations",
        sa.Column("followup_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("violation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["followup_id"], ["followups.id"], name=op.f("fk_followup_violations_followup_id_followups")
        ),
        sa.ForeignKeyConstraint(
            ["violation_id"], ["violations.id"], name=op.f("fk_followup_violations_violation_id_violations")
        ),
        sa.PrimaryKeyConstraint("followup_id", "violation_id", name=op.f("pk_followup_violations")),
    )
    op.create_index(op.f("ix_followup_violations_violation_id"), "followup_violations", ["violation_id"], unique=False)
    op.create_table(
        "violation_conclusions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("violation_id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.String(length=16), nullable=False),
        sa.Column("blame", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("measures", sa.String(length=300), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("remedy_by", sa.Date(), nullable=True),
        sa.Column("reply", sa.String(length=300), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("seat", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_for", sa.Integer(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("blame in ('full', 'shared', 'none')", name=op.f("ck_violation_conclusions_blame")),
        sa.CheckConstraint(
            "finding <> 'unfounded' or blame = 'none'", name=op.f("ck_violation_conclusions_goes_together")
        ),
        sa.CheckConstraint(
            "finding in ('founded', 'partly', 'unfounded')", name=op.f("ck_violation_conclusions_finding")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_violation_conclusions_decided_by_people")),
        sa.ForeignKeyConstraint(
            ["decided_for"], ["people.id"], name=op.f("fk_violation_conclusions_decided_for_people")
        ),
        sa.ForeignKeyConstraint(
            ["violation_id"], ["violations.id"], name=op.f("fk_violation_conclusions_violation_id_violations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation_conclusions")),
        sa.UniqueConstraint("violation_id", name=op.f("uq_violation_conclusions_violation_id")),
    )
    op.create_table(
        "violation_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("violation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('answer','return','dismissal')", name=op.f("ck_violation_texts_kind")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_violation_texts_by_id_people")),
        sa.ForeignKeyConstraint(
            ["violation_id"], ["violations.id"], name=op.f("fk_violation_texts_violation_id_violations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation_texts")),
    )
    op.create_index(op.f("ix_violation_texts_violation_id"), "violation_texts", ["violation_id"], unique=False)
    for table, key in APPEND_ONLY.items():
        refuse_changes(table, key)


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
    for table in ("violation_texts", "violation_conclusions", "followup_violations", "violations"):
        op.drop_table(table)
