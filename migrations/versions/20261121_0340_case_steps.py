"""Pauses with their source, and the steps of a case.

Revision ID: 20261121_0340_case_steps
Revises: 20261121_0330_case_results
"""

from __future__ import annotations

revision = "20261121_0340_case_steps"
down_revision = "20261121_0330_case_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
