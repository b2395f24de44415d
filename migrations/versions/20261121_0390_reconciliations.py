"""Reports of a source against our own numbers.

Revision ID: 20261121_0390_reconciliations
Revises: 20261121_0380_unit_successors
"""

from __future__ import annotations

revision = "20261121_0390_reconciliations"
down_revision = "20261121_0380_unit_successors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
