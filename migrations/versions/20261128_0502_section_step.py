"""The head of a section may read an explanation before the head of the unit.

Revision ID: 20261128_0502_section_step
Revises: 20261128_0512_letter_mails
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0502_section_step"
down_revision = "20261128_0512_letter_mails"
branch_labels = None
depends_on = None

KEY, TABLE = "fk_explanations_section_unit_id_units", "section_readings"


def upgrade() -> None:
    with op.batch_alter_table("explanations") as explanations:
        explanations.add_column(sa.Column("section_unit_id", sa.Integer()))
        explanations.add_column(sa.Column("section_due_on", sa.Date()))
        explanations.create_foreign_key(op.f(KEY), "units", ["section_unit_id"], ["id"])
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("explanation_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_section_readings_by_id_people")),
        sa.ForeignKeyConstraint(
            ["explanation_id"], ["explanations.id"], name=op.f("fk_section_readings_explanation_id_explanations")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_section_readings_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section_readings")),
    )
    op.create_index(op.f("ix_section_readings_explanation_id"), TABLE, ["explanation_id"], unique=False)
    refuse_changes()


def refuse_changes() -> None:
    """What was once said is append-only."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'append-only: {TABLE} may not be changed');"
        op.execute(f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN {refuse} END")
        op.execute(f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} BEGIN {refuse} END")
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
            f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) BEGIN {refuse} END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_no_change")
    op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_no_truncate")


def downgrade() -> None:
    op.drop_table(TABLE)
    with op.batch_alter_table("explanations") as explanations:
        explanations.drop_constraint(op.f(KEY), type_="foreignkey")
        explanations.drop_column("section_due_on")
        explanations.drop_column("section_unit_id")
