"""The number of the result, and what imports note of a case.

Revision ID: 20261121_0330_case_results
Revises: 20261121_0320_batch_work
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_0330_case_results"
down_revision = "20261121_0320_batch_work"
branch_labels = None
depends_on = None

MOMENTS = {
    "cases": (
        "received_at", "due_at", "finished_at", "returned_at", "ended_seen_at", "data_as_of", "gone_since",
    ),
    "pending_rows": ("data_as_of",),
    "breaches": ("due_at",),
    "breach_ends": ("ended_at",),
    "apologies": ("due_at",),
}  # fmt: skip
APPEND_ONLY = ("breaches", "breach_ends")


def upgrade() -> None:
    """New columns of cases and waiting rows.

    SQLite: imports wrote moments with microseconds where everything else compares whole seconds as text.
    """
    op.add_column("cases", sa.Column("result_ref", sa.String(200)))
    op.add_column("cases", sa.Column("supplement_asked_at", sa.DateTime()))
    op.add_column("cases", sa.Column("supplement_done_at", sa.DateTime()))
    op.create_index("ix_cases_first_batch", "cases", ["first_batch_id"])
    op.add_column("pending_rows", sa.Column("before", sa.JSON()))
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_no_update")
        for table, names in MOMENTS.items():
            sets = ", ".join(f"{name} = substr({name}, 1, 19)" for name in names)
            op.execute(f"UPDATE {table} SET {sets} WHERE " + " OR ".join(f"length({name}) > 19" for name in names))
        for table in APPEND_ONLY:
            refuse = f"SELECT RAISE(ABORT, 'append-only: {table} may not be changed');"
            op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END")


def downgrade() -> None:
    """The columns go, with what imports noted in them."""
    op.drop_column("pending_rows", "before")
    op.drop_index("ix_cases_first_batch", "cases")
    for name in ("supplement_done_at", "supplement_asked_at", "result_ref"):
        op.drop_column("cases", name)
