"""Merges, splits and renames of units; stand-ins.

Revision ID: 20261121_0380_unit_successors
Revises: 20261121_0370_source_mappings
"""

from __future__ import annotations

revision = "20261121_0380_unit_successors"
down_revision = "20261121_0370_source_mappings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
