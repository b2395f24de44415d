"""Technical incidents and questions to other bodies.

Revision ID: 20261128_0470_incidents
Revises: 20261128_0430_ruling_due
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0470_incidents"
down_revision = "20261128_0430_ruling_due"
branch_labels = None
depends_on = None

APPEND_ONLY = ("incident_decisions", "body_answers")


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("told", sa.String(length=300), server_default="", nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("signal_on", sa.Date(), nullable=True),
        sa.Column("signal_count", sa.Integer(), nullable=True),
        sa.Column("usual_count", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.Integer(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_from", sa.DateTime(), nullable=True),
        sa.Column("confirmed_to", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state in ('proposed', 'declared', 'confirmed', 'refused', 'dismissed', 'withdrawn')",
            name=op.f("ck_incidents_state"),
        ),
        sa.CheckConstraint("ended_at is null or ended_at >= started_at", name=op.f("ck_incidents_interval")),
        sa.ForeignKeyConstraint(["declared_by"], ["people.id"], name=op.f("fk_incidents_declared_by_people")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_incidents_source_id_sources")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_incidents_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("source_id", "unit_id", "signal_on", name=op.f("uq_incidents_source_id_unit_id_signal_on")),
    )
    op.create_index("ix_incidents_state", "incidents", ["state", "started_at"], unique=False)
    op.create_index("ix_incidents_unit", "incidents", ["unit_id", "started_at"], unique=False)
    op.create_table(
        "incident_cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("linked_by", sa.Integer(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removal_reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_incident_cases_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_cases_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(["linked_by"], ["people.id"], name=op.f("fk_incident_cases_linked_by_people")),
        sa.ForeignKeyConstraint(["removed_by"], ["people.id"], name=op.f("fk_incident_cases_removed_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_cases")),
        sa.UniqueConstraint("incident_id", "case_id", name=op.f("uq_incident_cases_incident_id_case_id")),
    )
    op.create_index("ix_incident_cases_case", "incident_cases", ["case_id"], unique=False)
    op.create_table(
        "incident_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('proposed', 'declared', 'confirmed', 'refused', 'dismissed', 'withdrawn')",
            name=op.f("ck_incident_decisions_state"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_incident_decisions_by_id_people")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_decisions_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_decisions")),
    )
    op.create_index(op.f("ix_incident_decisions_incident_id"), "incident_decisions", ["incident_id"], unique=False)
    op.create_table(
        "body_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("breach_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("transfer_number", sa.String(length=100), server_default="", nullable=False),
        sa.Column("transferred_on", sa.Date(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("stops", sa.String(length=16), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), server_default="asked", nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("state in ('asked', 'answered', 'withdrawn')", name=op.f("ck_body_questions_state")),
        sa.CheckConstraint("stops in ('answer', 'decision', 'none')", name=op.f("ck_body_questions_stops")),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_body_questions_asked_by_people")),
        sa.ForeignKeyConstraint(["breach_id"], ["breaches.id"], name=op.f("fk_body_questions_breach_id_breaches")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_body_questions_case_id_cases")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_body_questions_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_questions")),
    )
    op.create_index("ix_body_questions_asker", "body_questions", ["asked_by", "state", "due_on"], unique=False)
    op.create_index("ix_body_questions_breach", "body_questions", ["breach_id"], unique=False)
    op.create_index("ix_body_questions_unit", "body_questions", ["unit_id", "state", "due_on"], unique=False)
    op.create_index(
        "ix_body_questions_waiting",
        "body_questions",
        ["breach_id", "body"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "body_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("confirms", sa.String(length=16), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("document", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("confirms in ('yes', 'partly', 'no')", name=op.f("ck_body_answers_confirms")),
        sa.CheckConstraint("way in ('portal', 'letter')", name=op.f("ck_body_answers_way")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_body_answers_by_id_people")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["body_questions.id"], name=op.f("fk_body_answers_question_id_body_questions")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["stored_files.sha256"], name=op.f("fk_body_answers_sha256_stored_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_answers")),
        sa.UniqueConstraint("question_id", name=op.f("uq_body_answers_question_id")),
    )
    for table in APPEND_ONLY:
        refuse_changes(table)


def refuse_changes(table: str) -> None:
    """Let the database itself refuse to change a row that may become evidence."""
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
    for table in ("body_answers", "body_questions", "incident_decisions", "incident_cases", "incidents"):
        op.drop_table(table)
