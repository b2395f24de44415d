"""Versions of what a source means by its columns and words.

Revision ID: 20261121_0370_source_mappings
Revises: 20261121_0360_job_runs
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261121_0370_source_mappings"
down_revision = "20261121_0360_job_runs"
branch_labels = None
depends_on = None

TABLE = "source_mappings"
AUTHOR = "nâng cấp phần mềm"
REASON = "Chuyển từ thiết lập cũ của nguồn và tệp đã nhập gần nhất"
KINDS = ("igate", "vnpt", "viettel", "sector", "ngsp", "other")

sources = sa.table(
    "sources", sa.column("id"), sa.column("kind"), sa.column("meanings", sa.JSON), sa.column("last_contact_at")
)
batches = sa.table(
    "batches",
    *(sa.column(name) for name in ("id", "source_id", "state")),
    sa.column("uploaded_at", sa.DateTime(timezone=True)),
    sa.column("mapping", sa.JSON),
    sa.column("headings", sa.JSON),
)
mappings = sa.table(
    TABLE,
    *(sa.column(name) for name in ("source_id", "version", "author", "reason", "batch_id")),
    *(sa.column(name, sa.JSON) for name in ("columns", "headings", "meanings", "channels")),
    sa.column("made_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Say more of a source; keep versions of its mapping and the words its files really wrote."""
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("label", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default="1"))
        table.add_column(sa.Column("last_contact_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("batches") as table:
        table.add_column(sa.Column("mapping_version", sa.Integer()))
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("meanings", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_id", sa.Integer()),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_mappings_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_mappings")),
        sa.UniqueConstraint("source_id", "version", name=op.f("uq_source_mappings_source_id_version")),
    )
    op.create_table(
        "source_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('status', 'channel')", name=op.f("ck_source_words_kind")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_words_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_words")),
        sa.UniqueConstraint("source_id", "kind", "text", name=op.f("uq_source_words_source_id_kind_text")),
    )
    _carry_over()
    _guard()


def _carry_over() -> None:
    """Version 1 of each source that was read before: the columns of its last applied file, its own meanings."""
    bind, now = op.get_bind(), datetime.now(UTC)
    bind.execute(sources.update().where(sources.c.kind.not_in(KINDS)).values(kind="other"))
    for source in bind.execute(sa.select(sources.c.id, sources.c.meanings)).all():
        seen = sa.select(batches.c.id, batches.c.uploaded_at, batches.c.mapping, batches.c.headings)
        seen = seen.where(batches.c.source_id == source.id, batches.c.state == "applied")
        last = bind.execute(seen.order_by(batches.c.id.desc()).limit(1)).first()
        if last is None and not source.meanings:
            continue
        bind.execute(mappings.insert().values(**_first(source.id, source.meanings or {}, last, now)))
        if last is not None:
            said = sources.update().where(sources.c.id == source.id)
            bind.execute(said.values(last_contact_at=last.uploaded_at))
    op.execute(
        "INSERT INTO source_words (source_id, kind, text, row_count, seen_at) "
        "SELECT source_id, 'status', status_text, count(*), CURRENT_TIMESTAMP "
        "FROM cases WHERE status_text <> '' GROUP BY source_id, status_text"
    )


def _first(source_id: int, meanings: dict[str, str], last: Any, now: datetime) -> dict[str, Any]:
    headings = last.headings if last is not None else {}
    columns = {fact: headings[str(at)] for fact, at in (last.mapping if last else {}).items() if str(at) in headings}
    return {
        "source_id": source_id,
        "version": 1,
        "columns": columns,
        "headings": list(headings.values()),
        "meanings": meanings,
        "channels": {},
        "author": AUTHOR,
        "reason": REASON,
        "batch_id": last.id if last is not None else None,
        "made_at": now,
    }


def _guard() -> None:
    """A version is never changed or removed."""
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
    """The newest meanings of each source go back into its row; the versions before them are lost."""
    bind = op.get_bind()
    newest = sa.select(mappings.c.source_id, mappings.c.meanings).order_by(mappings.c.version)
    for row in bind.execute(newest).all():
        bind.execute(sources.update().where(sources.c.id == row.source_id).values(meanings=row.meanings))
    op.drop_table("source_words")
    op.drop_table(TABLE)
    with op.batch_alter_table("batches") as table:
        table.drop_column("mapping_version")
    with op.batch_alter_table("sources") as table:
        for name in ("version", "last_contact_at", "active", "note", "label"):
            table.drop_column(name)
