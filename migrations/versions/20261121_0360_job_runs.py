"""What jobs ran, for which slot, and how it went.

Revision ID: 20261121_0360_job_runs
Revises: 20261121_0350_api_tokens
"""

from __future__ import annotations

revision = "20261121_0360_job_runs"
down_revision = "20261121_0350_api_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
