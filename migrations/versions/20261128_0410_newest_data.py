"""The newest data of a source stand on the source; the late cases are counted in their index.

Revision ID: 20261128_0410_newest_data
Revises: 20261128_0466_delegation
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0410_newest_data"
down_revision = "20261128_0466_delegation"
branch_labels = None
depends_on = None

NEWEST = "(SELECT max(cases.data_as_of) FROM cases WHERE cases.source_id = sources.id)"
LATE = sa.text("meaning IN ('finished','refused') AND finished_at > ruling_due_at")
ROOM = "fillfactor"
PERCENT = 85


def _index_late(*more: str) -> None:
    """The index over late cases anew, with these columns behind the first two."""
    op.drop_index("ix_cases_late", "cases")
    op.create_index("ix_cases_late", "cases", ["finished_at", "id", *more], sqlite_where=LATE, postgresql_where=LATE)


def upgrade() -> None:
    """No index over all cases follows each confirmed one any more; PostgreSQL leaves room on new pages of cases."""
    op.add_column("sources", sa.Column("data_as_of", sa.DateTime()))
    op.execute(f"UPDATE sources SET data_as_of = {NEWEST}")
    op.drop_index("ix_cases_source", "cases")
    _index_late("ruling_due_at", "gone_since")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE cases SET ({ROOM} = {PERCENT})")


def downgrade() -> None:
    """Back to the index over sources."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE cases RESET ({ROOM})")
    _index_late()
    op.create_index("ix_cases_source", "cases", ["source_id", "data_as_of"])
    op.drop_column("sources", "data_as_of")
