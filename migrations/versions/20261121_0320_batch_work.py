"""Let a batch wait for a job, say what it will do, and be undone.

Revision ID: 20261121_0320_batch_work
Revises: 20261121_0110_append_only
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_0320_batch_work"
down_revision = "20261121_0110_append_only"
branch_labels = None
depends_on = None

BEFORE = ("uploaded", "previewed", "applied", "discarded")
AFTER = (
    "waiting", "reading", "uploaded", "previewed", "to_apply", "applying", "applied", "failed", "discarded", "undone",
)  # fmt: skip
DOORS = ("page", "command", "api", "drop")


def one_of(column: str, words: tuple[str, ...]) -> str:
    """The condition of a CHECK."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def upgrade() -> None:
    """Columns for the queue, the preview and the undoing."""
    instant = sa.DateTime(timezone=True)
    with op.batch_alter_table("batches") as batches:
        batches.add_column(sa.Column("door", sa.String(16), nullable=False, server_default="page"))
        batches.add_column(sa.Column("sheet", sa.String(300)))
        batches.add_column(sa.Column("effects", sa.JSON(), nullable=False, server_default="{}"))
        batches.add_column(sa.Column("phase", sa.String(16)))
        batches.add_column(sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
        batches.add_column(sa.Column("total", sa.Integer()))
        batches.add_column(sa.Column("worker", sa.String(100)))
        batches.add_column(sa.Column("worked_at", instant))
        batches.add_column(sa.Column("fault", sa.JSON()))
        batches.add_column(sa.Column("told_at", instant))
        batches.add_column(sa.Column("undone_by", sa.String(200)))
        batches.add_column(sa.Column("undone_at", instant))
        batches.add_column(sa.Column("erased_at", instant))
        batches.drop_constraint(op.f("ck_batches_state"), type_="check")
        batches.create_check_constraint(op.f("ck_batches_state"), one_of("state", AFTER))
        batches.create_check_constraint(op.f("ck_batches_door"), one_of("door", DOORS))
        batches.create_index("ix_batches_state", ["state", "id"])
    op.create_table(
        "batch_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer()),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("old", sa.Text()),
        sa.Column("new", sa.Text()),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_changes_batch_id_batches"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_changes")),
    )
    op.create_index("ix_batch_changes_batch", "batch_changes", ["batch_id", "id"])
    op.create_table(
        "batch_befores",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data_as_of", sa.DateTime(), nullable=False),
        sa.Column("last_batch_id", sa.Integer()),
        sa.Column("facts", sa.JSON()),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_befores_batch_id_batches")),
        sa.PrimaryKeyConstraint("batch_id", "case_id", name=op.f("pk_batch_befores")),
    )


def downgrade() -> None:
    """Batches that waited or failed have no word in the old state and are discarded; undone ones as well."""
    op.drop_table("batch_befores")
    op.drop_index("ix_batch_changes_batch", "batch_changes")
    op.drop_table("batch_changes")
    with op.batch_alter_table("batches") as batches:
        batches.drop_constraint(op.f("ck_batches_state"), type_="check")
        batches.drop_constraint(op.f("ck_batches_door"), type_="check")
        batches.drop_index("ix_batches_state")
    op.execute(f"UPDATE batches SET state = 'discarded' WHERE NOT ({one_of('state', BEFORE)})")
    with op.batch_alter_table("batches") as batches:
        batches.create_check_constraint(op.f("ck_batches_state"), one_of("state", BEFORE))
        for name in (
            "erased_at", "undone_at", "undone_by", "told_at", "fault", "worked_at", "worker", "total", "done", "phase",
            "effects", "sheet", "door",
        ):  # fmt: skip
            batches.drop_column(name)
