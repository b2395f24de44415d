"""One due moment of a case is given one new date at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0442_one_new_date"
down_revision = "20261128_0441_reserved_numbers"
branch_labels = None
depends_on = None

PROMISED = "new_date IS NOT NULL AND state IN ('signed','numbered','sent')"


def upgrade() -> None:
    """A unique index over the letters whose new date is a promise."""
    where = sa.text(PROMISED)
    op.create_index(
        "uq_apologies_promise", "apologies", ["case_id", "due_at"], unique=True, sqlite_where=where,
        postgresql_where=where,
    )  # fmt: skip


def downgrade() -> None:
    """Without it."""
    op.drop_index("uq_apologies_promise", "apologies")
