"""More room on the pages of cases, for PostgreSQL: most of what an export tells confirms what is known.

A confirmed case stays on its page then, and its indexes as they are. Pages that are full now keep the room they have.

Revision ID: 20261128_0991_room_to_confirm
Revises: 20261128_0990_blocks_of_batches
"""

from __future__ import annotations

from alembic import op

revision = "20261128_0991_room_to_confirm"
down_revision = "20261128_0990_blocks_of_batches"
branch_labels = None
depends_on = None


def _fill(percent: int) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE cases SET (fillfactor = {percent})")


def upgrade() -> None:
    _fill(70)


def downgrade() -> None:
    _fill(85)
