"""Notices, what they rest on, the outbox of mails, and what people do without.

Revision ID: 20261128_0450_notices
Revises: 20261128_0465_conclusions
Create Date: 2026-11-28

"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0450_notices"
down_revision = "20261128_0465_conclusions"
branch_labels = None
depends_on = None

ITEMS = "notice_items"


def upgrade() -> None:
    """The tables; what was told to whom is append-only."""
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.String(300), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("what in ('digest', 'test')", name=op.f("ck_mails_what")),
        sa.CheckConstraint("state in ('waiting', 'sent', 'failed', 'dropped')", name=op.f("ck_mails_state")),
        sa.CheckConstraint("(state = 'sent') = (sent_at is not null)", name=op.f("ck_mails_sent")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mails_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mails_message_id")),
    )
    _partial("uq_mails_digest", "mails", ["person_id", "day"], "what = 'digest'", unique=True)
    _partial("ix_mails_waiting", "mails", ["next_at"], "state = 'waiting'")
    op.create_index("ix_mails_state", "mails", ["state", "id"])
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("for_id", sa.Integer()),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("stage", sa.String(16), server_default="", nullable=False),
        sa.Column("things", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("mail_id", sa.Integer()),
        sa.CheckConstraint("things > 0", name=op.f("ck_notices_things")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id_people")),
        sa.ForeignKeyConstraint(["for_id"], ["people.id"], name=op.f("fk_notices_for_id_people")),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_notices_mail_id_mails")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    _partial("ix_notices_unread", "notices", ["person_id", "id"], "read_at IS NULL")
    op.create_index("ix_notices_person", "notices", ["person_id", "id"])
    op.create_index("ix_notices_mail", "notices", ["mail_id"])
    op.create_table(
        ITEMS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(16), server_default="", nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_items_notice_id_notices")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notice_items_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_items")),
        sa.UniqueConstraint(
            "kind", "entity_id", "stage", "person_id", name=op.f("uq_notice_items_kind_entity_id_stage_person_id")
        ),
    )
    op.create_index("ix_notice_items_notice", ITEMS, ["notice_id", "id"])
    op.create_table(
        "muted_kinds",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_muted_kinds_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_muted_kinds")),
    )
    _append_only(ITEMS)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    rows = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=rows, postgresql_where=rows)


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
    for table in ("muted_kinds", ITEMS, "notices", "mails"):
        op.drop_table(table)
