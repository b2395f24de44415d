"""The words of a case are checked one by one: SQLite made a table for each longer list, row by row.

Revision ID: 20261128_0480_quick_checks
Revises: 20261128_0500_answers_for
"""

from __future__ import annotations

from alembic import op

revision = "20261128_0480_quick_checks"
down_revision = "20261128_0500_answers_for"
branch_labels = None
depends_on = None

WORDS = {
    "meaning": ("not_counted", "open", "paused", "withdrawn", "refused", "finished"),
    "channel": ("direct", "online", "postal", "unknown"),
}


def upgrade() -> None:
    """One comparison for each word."""
    _check({name: " OR ".join(f"{name} = '{word}'" for word in words) for name, words in WORDS.items()})


def downgrade() -> None:
    """Back to lists."""
    _check({name: f"{name} in ({','.join(repr(word) for word in words)})" for name, words in WORDS.items()})


def _check(conditions: dict[str, str]) -> None:
    with op.batch_alter_table("cases") as table:
        for name, condition in conditions.items():
            table.drop_constraint(op.f(f"ck_cases_{name}"), type_="check")
            table.create_check_constraint(op.f(f"ck_cases_{name}"), condition)
