"""PostgreSQL remembers in which blocks the new cases of a batch lie, not each of them.

An index entry for every version of every case cost more than it gave: a batch is asked for as a whole only.

Revision ID: 20261128_0990_blocks_of_batches
Revises: 20261128_0902_pause_proposals
"""

from __future__ import annotations

from alembic import op

revision = "20261128_0990_blocks_of_batches"
down_revision = "20261128_0902_pause_proposals"
branch_labels = None
depends_on = None

INDEX = "ix_cases_first_batch"


def _made_as(using: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(INDEX, "cases")
        op.create_index(INDEX, "cases", ["first_batch_id"], postgresql_using=using)


def upgrade() -> None:
    _made_as("brin")


def downgrade() -> None:
    _made_as("btree")
