"""The number of the result, and what imports note of a case.

Revision ID: 20261121_0330_case_results
Revises: 20261121_0320_batch_work
"""

from __future__ import annotations

revision = "20261121_0330_case_results"
down_revision = "20261121_0320_batch_work"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
