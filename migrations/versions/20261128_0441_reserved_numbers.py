"""Numbers that are kept back, and what a number outside the portal stands on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0441_reserved_numbers"
down_revision = "20261128_0440_signed_copies"
branch_labels = None
depends_on = None

TABLE = "document_numbers"


def upgrade() -> None:
    """A third state, and a note."""
    with op.batch_alter_table(TABLE) as numbers:
        numbers.add_column(sa.Column("note", sa.String(300), nullable=False, server_default=""))
        numbers.drop_constraint(op.f("ck_document_numbers_state"), type_="check")
        numbers.create_check_constraint(
            op.f("ck_document_numbers_state"), "state in ('reserved','used','cancelled')"
        )
        numbers.create_check_constraint(op.f("ck_document_numbers_note"), "state <> 'reserved' or note <> ''")


def downgrade() -> None:
    """Numbers kept back become cancelled ones: none may be given again."""
    op.execute(f"UPDATE {TABLE} SET state = 'cancelled', reason = note WHERE state = 'reserved'")
    with op.batch_alter_table(TABLE) as numbers:
        numbers.drop_constraint(op.f("ck_document_numbers_note"), type_="check")
        numbers.drop_constraint(op.f("ck_document_numbers_state"), type_="check")
        numbers.create_check_constraint(op.f("ck_document_numbers_state"), "state in ('used','cancelled')")
        numbers.drop_column("note")
