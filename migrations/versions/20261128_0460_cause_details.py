"""What a cause asks for, and what was said to it: fields of their own beside the prose, and a remark on one case.

Revision ID: 20261128_0460_cause_details
Revises: 20261128_0442_one_new_date
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0460_cause_details"
down_revision = "20261128_0442_one_new_date"
branch_labels = None
depends_on = None

TABLES = ("explanations", "explanation_texts")


def upgrade() -> None:
    """New columns with a default for what stands already."""
    op.add_column("causes", sa.Column("asks", sa.JSON(), nullable=False, server_default="[]"))
    for table in TABLES:
        op.add_column(table, sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
        op.add_column(table, sa.Column("remark", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """The columns go; triggers that forbid changes of rows do not mind."""
    for table in TABLES:
        op.drop_column(table, "remark")
        op.drop_column(table, "details")
    op.drop_column("causes", "asks")
