"""Power to act may be delegated while the person is there.

Revision ID: 20261128_0466_delegation
Revises: 20261128_0443_letter_templates
"""

from __future__ import annotations

from alembic import op

revision = "20261128_0466_delegation"
down_revision = "20261128_0443_letter_templates"
branch_labels = None
depends_on = None

NAME = "ck_absences_reason"
BEFORE = "'leave', 'sick', 'travel', 'study', 'suspended', 'other'"


def upgrade() -> None:
    """One more reason."""
    _allow(f"{BEFORE}, 'delegated'")


def downgrade() -> None:
    """Without it; a delegation becomes another reason, its document stays."""
    op.execute("UPDATE absences SET reason = 'other' WHERE reason = 'delegated'")
    _allow(BEFORE)


def _allow(reasons: str) -> None:
    with op.batch_alter_table("absences") as absences:
        absences.drop_constraint(op.f(NAME), type_="check")
        absences.create_check_constraint(op.f(NAME), f"reason IN ({reasons})")
