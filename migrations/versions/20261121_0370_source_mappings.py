"""Versions of what a source means by its columns and words.

Revision ID: 20261121_0370_source_mappings
Revises: 20261121_0360_job_runs
"""

from __future__ import annotations

revision = "20261121_0370_source_mappings"
down_revision = "20261121_0360_job_runs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
