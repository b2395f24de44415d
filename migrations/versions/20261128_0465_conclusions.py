"""A conclusion may be withdrawn, objected to, and name several people.

An explanation had at most one conclusion, so that the unique key said which one stands. Now further rows follow it,
and the explanation says which of them stands.

Revision ID: 20261128_0465_conclusions
Revises: 20261128_0470_incidents
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0465_conclusions"
down_revision = "20261128_0470_incidents"
branch_labels = None
depends_on = None

CLASSES = "'subjective', 'objective', 'technical', 'other_body'"
BLAMES = "'full', 'shared', 'none'"
STATES = "'waiting', 'draft', 'submitted', 'returned', 'concluded', 'cancelled'"
TABLE = "conclusions"
NEW_TABLES = ("objections", "conclusion_shares", "conclusion_withdrawals")
INSTANT = sa.DateTime(timezone=True)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def guard(table: str) -> None:
    """Make a table append-only."""
    if is_sqlite():
        refuse = f"SELECT RAISE(ABORT, 'append-only: {table} may not be changed');"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END")
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse} END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate")


def unguard(table: str) -> None:
    """Open a guarded table to this migration; SQLite builds it anew, and its triggers go with the old one."""
    for name in ("no_update", "no_delete", "no_replace") if is_sqlite() else ():
        op.execute(f"DROP TRIGGER {table}_{name}")
    for name in () if is_sqlite() else ("no_change", "no_truncate"):
        op.execute(f"DROP TRIGGER {table}_{name} ON {table}")


def upgrade() -> None:
    """The new tables, the columns, and for each old conclusion that it stands."""
    _objections()
    unguard(TABLE)
    with op.batch_alter_table(TABLE) as conclusions:
        conclusions.drop_constraint(op.f("uq_conclusions_explanation_id"), type_="unique")
        conclusions.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        conclusions.add_column(sa.Column("step", sa.String(300), nullable=False, server_default=""))
        conclusions.add_column(sa.Column("came_from", sa.String(16), nullable=False, server_default="submitted"))
        conclusions.add_column(sa.Column("objection_id", sa.Integer()))
        conclusions.create_foreign_key(
            op.f("fk_conclusions_objection_id_objections"), "objections", ["objection_id"], ["id"]
        )
        conclusions.create_unique_constraint(op.f("uq_conclusions_explanation_id_number"), ["explanation_id", "number"])
        conclusions.create_unique_constraint(op.f("uq_conclusions_objection_id"), ["objection_id"])
        conclusions.create_check_constraint(op.f("ck_conclusions_came_from"), f"came_from in ({STATES})")
        conclusions.create_check_constraint(op.f("ck_conclusions_number"), "number >= 1")
    no = "0" if is_sqlite() else "false"
    op.execute(f"UPDATE conclusions SET came_from = 'waiting' WHERE answered = {no}")
    guard(TABLE)
    _shares()
    _withdrawals()
    with op.batch_alter_table("explanations") as explanations:
        explanations.add_column(sa.Column("conclusion_id", sa.Integer()))
        explanations.add_column(sa.Column("objection_due_on", sa.Date()))
    found = "SELECT id FROM conclusions WHERE conclusions.explanation_id = explanations.id"
    op.execute(f"UPDATE explanations SET conclusion_id = ({found}) WHERE state = 'concluded'")
    objected = sa.text("objection_due_on IS NOT NULL")
    op.create_index(
        "ix_explanations_objected", "explanations", ["unit_id"], sqlite_where=objected, postgresql_where=objected
    )
    for table in NEW_TABLES:
        guard(table)


def _objections() -> None:
    op.create_table(
        "objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("explanation_id", sa.Integer(), nullable=False),
        sa.Column("conclusion_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer()),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("decision_due_on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_objections_by_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_objections_person_id_people")),
        sa.ForeignKeyConstraint(
            ["explanation_id"], ["explanations.id"], name=op.f("fk_objections_explanation_id_explanations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        sa.UniqueConstraint("explanation_id", "person_id", name=op.f("uq_objections_explanation_id_person_id")),
    )


def _shares() -> None:
    op.create_table(
        "conclusion_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conclusion_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(300), nullable=False),
        sa.Column("cause_class", sa.String(16), nullable=False),
        sa.Column("blame", sa.String(16), nullable=False),
        sa.CheckConstraint(f"cause_class in ({CLASSES})", name=op.f("ck_conclusion_shares_cause_class")),
        sa.CheckConstraint(f"blame in ({BLAMES})", name=op.f("ck_conclusion_shares_blame")),
        sa.CheckConstraint(
            "(cause_class = 'subjective') = (blame in ('full','shared'))",
            name=op.f("ck_conclusion_shares_goes_together"),
        ),
        sa.ForeignKeyConstraint(
            ["conclusion_id"], ["conclusions.id"], name=op.f("fk_conclusion_shares_conclusion_id_conclusions")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_conclusion_shares_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conclusion_shares")),
        sa.UniqueConstraint(
            "conclusion_id", "person_id", name=op.f("uq_conclusion_shares_conclusion_id_person_id")
        ),
    )
    op.create_index(op.f("ix_conclusion_shares_person_id"), "conclusion_shares", ["person_id"])


def _withdrawals() -> None:
    op.create_table(
        "conclusion_withdrawals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conclusion_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer()),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_conclusion_withdrawals_by_id_people")),
        sa.ForeignKeyConstraint(
            ["conclusion_id"], ["conclusions.id"], name=op.f("fk_conclusion_withdrawals_conclusion_id_conclusions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conclusion_withdrawals")),
        sa.UniqueConstraint("conclusion_id", name=op.f("uq_conclusion_withdrawals_conclusion_id")),
    )


def downgrade() -> None:
    """Back to one conclusion for each explanation: of several the last is kept, what was withdrawn goes."""
    op.drop_index("ix_explanations_objected", "explanations")
    op.drop_table("conclusion_shares")
    unguard(TABLE)
    op.execute("DELETE FROM conclusions WHERE id IN (SELECT conclusion_id FROM conclusion_withdrawals)")
    op.drop_table("conclusion_withdrawals")
    later = "SELECT 1 FROM conclusions l WHERE l.explanation_id = conclusions.explanation_id AND l.id > conclusions.id"
    op.execute(f"DELETE FROM conclusions WHERE EXISTS ({later})")
    with op.batch_alter_table(TABLE) as conclusions:
        conclusions.drop_constraint(op.f("ck_conclusions_number"), type_="check")
        conclusions.drop_constraint(op.f("ck_conclusions_came_from"), type_="check")
        conclusions.drop_constraint(op.f("uq_conclusions_objection_id"), type_="unique")
        conclusions.drop_constraint(op.f("uq_conclusions_explanation_id_number"), type_="unique")
        conclusions.drop_constraint(op.f("fk_conclusions_objection_id_objections"), type_="foreignkey")
        for name in ("objection_id", "came_from", "step", "number"):
            conclusions.drop_column(name)
        conclusions.create_unique_constraint(op.f("uq_conclusions_explanation_id"), ["explanation_id"])
    guard(TABLE)
    with op.batch_alter_table("explanations") as explanations:
        explanations.drop_column("objection_due_on")
        explanations.drop_column("conclusion_id")
    op.drop_table("objections")
