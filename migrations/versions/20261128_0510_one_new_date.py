"""Take the number of new dates out of the policy: the decree fixes it (once), and a unique index holds it.

Revision ID: 20261128_0510_one_new_date
Revises: 20261128_0410_newest_data
"""

from __future__ import annotations

from alembic import op

revision = "20261128_0510_one_new_date"
down_revision = "20261128_0410_newest_data"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Remove what was shipped and never read."""
    op.execute("DELETE FROM policy_values WHERE key = 'apology.reappointments_max'")


def downgrade() -> None:
    """Nothing to do: the version before loads the value it ships at its next upgrade."""
