"""Let an urging note name one person of the unit; rounds to a person go on apart from those to the unit.

Revision ID: 20261128_0521_urged_people
Revises: 20261128_0520_followers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0521_urged_people"
down_revision = "20261128_0520_followers"
branch_labels = None
depends_on = None

TABLE, KEY = "urging_notes", "fk_urging_notes_person_id_people"
OF_UNIT, OF_PERSON = "uq_urging_notes_open", "uq_urging_notes_person"
OPEN = "state = 'issued'"


def index(name: str, columns: list[str], condition: str) -> None:
    """One open note: a partial unique index on both databases."""
    where = sa.text(condition)
    op.create_index(name, TABLE, columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    op.drop_index(OF_UNIT, table_name=TABLE)
    with op.batch_alter_table(TABLE) as notes:
        notes.add_column(sa.Column("person_id", sa.Integer()))
        notes.create_foreign_key(op.f(KEY), "people", ["person_id"], ["id"])
    index(OF_UNIT, ["issuer_id", "unit_id", "subject"], f"{OPEN} AND person_id IS NULL")
    index(OF_PERSON, ["issuer_id", "unit_id", "person_id", "subject"], f"{OPEN} AND person_id IS NOT NULL")


def downgrade() -> None:
    """Notes to people stay as notes to their unit; of those about the same, only the last stays open."""
    op.drop_index(OF_PERSON, table_name=TABLE)
    op.drop_index(OF_UNIT, table_name=TABLE)
    op.execute(
        f"UPDATE {TABLE} SET state = 'lapsed' WHERE state = 'issued' AND id NOT IN "
        f"(SELECT max(id) FROM {TABLE} WHERE state = 'issued' GROUP BY issuer_id, unit_id, subject)"
    )
    with op.batch_alter_table(TABLE) as notes:
        notes.drop_constraint(op.f(KEY), type_="foreignkey")
        notes.drop_column("person_id")
    index(OF_UNIT, ["issuer_id", "unit_id", "subject"], OPEN)
