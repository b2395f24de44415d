"""Counts that no case list carries.

Revision ID: 20261121_0400_aggregates
Revises: 20261121_0390_reconciliations
"""

from __future__ import annotations

revision = "20261121_0400_aggregates"
down_revision = "20261121_0390_reconciliations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
