"""Reports of a source against our own numbers.

Revision ID: 20261121_0390_reconciliations
Revises: 20261121_0380_unit_successors
"""

from __future__ import annotations

from alembic import op

revision = "20261121_0390_reconciliations"
down_revision = "20261121_0380_unit_successors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index for the list of changes."""
    op.create_index("ix_case_changes_kind", "case_changes", ["kind", "id", "case_id"])


def downgrade() -> None:
    """Take the index away."""
    op.drop_index("ix_case_changes_kind", "case_changes")
