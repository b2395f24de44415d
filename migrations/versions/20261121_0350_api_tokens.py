"""Tokens of the programming interface and their limits.

Revision ID: 20261121_0350_api_tokens
Revises: 20261121_0340_case_steps
"""

from __future__ import annotations

revision = "20261121_0350_api_tokens"
down_revision = "20261121_0340_case_steps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
