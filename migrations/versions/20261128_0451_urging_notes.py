"""Urging notes and the cases they list.

Revision ID: 20261128_0451_urging_notes
Create Date: 2026-11-28

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0451_urging_notes"
down_revision = "20261128_0462_supplements"
branch_labels = None
depends_on = None

NOTES, CASES = "urging_notes", "urged_cases"


def upgrade() -> None:
    """The tables; what a note lists is append-only."""
    op.create_table(
        NOTES,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Integer()),
        sa.Column("reply_due_on", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.Column("docx_sha256", sa.String(64), nullable=False),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("reply_document", sa.String(300), server_default="", nullable=False),
        sa.Column("reply_sha256", sa.String(64)),
        sa.Column("reply_file", sa.String(255), server_default="", nullable=False),
        sa.Column("replied_on", sa.Date()),
        sa.Column("replied_by", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "subject in ('overdue', 'explanations', 'apologies')", name=op.f("ck_urging_notes_subject")
        ),
        sa.CheckConstraint("state in ('issued', 'answered', 'lapsed')", name=op.f("ck_urging_notes_state")),
        sa.CheckConstraint("round between 1 and 3", name=op.f("ck_urging_notes_round")),
        sa.CheckConstraint("total > 0", name=op.f("ck_urging_notes_total")),
        sa.CheckConstraint("(state = 'answered') = (replied_on is not null)", name=op.f("ck_urging_notes_answered")),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_urging_notes_{column}_{target.split('.')[0]}"))
            for column, target in (
                ("issuer_id", "units.id"),
                ("unit_id", "units.id"),
                ("issued_by", "people.id"),
                ("pdf_sha256", "stored_files.sha256"),
                ("docx_sha256", "stored_files.sha256"),
                ("reply_sha256", "stored_files.sha256"),
                ("replied_by", "people.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urging_notes")),
        sa.UniqueConstraint("issuer_id", "year", "number", name=op.f("uq_urging_notes_issuer_id_year_number")),
    )
    is_open = sa.text("state = 'issued'")
    op.create_index(
        "uq_urging_notes_open", NOTES, ["issuer_id", "unit_id", "subject"],
        unique=True, sqlite_where=is_open, postgresql_where=is_open,
    )
    op.create_index("ix_urging_notes_unit", NOTES, ["unit_id", "state", "reply_due_on"])
    op.create_index("ix_urging_notes_state", NOTES, ["state", "reply_due_on"])
    op.create_table(
        CASES,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["urging_notes.id"], name=op.f("fk_urged_cases_note_id_urging_notes")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_urged_cases_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urged_cases")),
        sa.UniqueConstraint("note_id", "place", name=op.f("uq_urged_cases_note_id_place")),
    )
    op.create_index("ix_urged_cases_case", CASES, ["case_id"])
    _append_only(CASES)


def _append_only(table: str) -> None:
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
    """Take the tables away; their triggers and indexes go with them."""
    op.drop_table(CASES)
    op.drop_table(NOTES)
