"""Letters of apology mailed through the outbox, to the address an officer recorded.

Revision ID: 20261128_0512_letter_mails
Revises: 20261128_0501_base_due
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0512_letter_mails"
down_revision = "20261128_0501_base_due"
branch_labels = None
depends_on = None

NAME = "ck_mails_what"


def upgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.add_column(sa.Column("attachment", sa.LargeBinary(), nullable=True))
        mails.add_column(sa.Column("attachment_name", sa.String(length=200), server_default="", nullable=False))
        mails.drop_constraint(op.f(NAME), type_="check")
        mails.create_check_constraint(op.f(NAME), "what in ('digest', 'test', 'letter')")
    op.add_column("apologies", sa.Column("email", sa.String(length=200), server_default="", nullable=False))
    op.create_table(
        "letter_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("apology_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["apology_id"], ["apologies.id"], name=op.f("fk_letter_mails_apology_id_apologies")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_letter_mails_by_id_people")),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_letter_mails_mail_id_mails")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_mails")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_letter_mails_mail_id")),
    )
    op.create_index(op.f("ix_letter_mails_apology_id"), "letter_mails", ["apology_id"], unique=False)
    refuse_changes("letter_mails", ("id",))


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
    op.drop_table("letter_mails")
    op.drop_column("apologies", "email")
    op.execute("UPDATE notices SET mail_id = NULL WHERE mail_id IN (SELECT id FROM mails WHERE what = 'letter')")
    op.execute("DELETE FROM mails WHERE what = 'letter'")
    with op.batch_alter_table("mails") as mails:
        mails.drop_constraint(op.f(NAME), type_="check")
        mails.create_check_constraint(op.f(NAME), "what in ('digest', 'test')")
        mails.drop_column("attachment_name")
        mails.drop_column("attachment")
