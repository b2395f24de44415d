"""Terms of procedures with dates of force; our own count beside the printed date; work that waits to be projected.

Revision ID: 20261128_0432_procedure_terms
Revises: 20261128_0421_join_swaps
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "20261128_0432_procedure_terms"
down_revision = "20261128_0421_join_swaps"
branch_labels = None
depends_on = None

UNITS = "unit in ('working_days','calendar_days','working_hours','months')"
SINCE = date(2000, 1, 1)
AUTHOR = "nâng cấp phần mềm"
DIFFERENT = sa.text("difference IS NOT NULL")
WAITING = sa.text("state IN ('waiting','running')")

procedures = sa.table("procedures", *(sa.column(name) for name in ("id", "term_amount", "term_unit")))
terms = sa.table(
    "procedure_terms",
    *(sa.column(name) for name in ("procedure_id", "amount", "unit", "basis", "in_force", "author", "version")),
    sa.column("valid_from", sa.Date()),
    sa.column("recorded_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """The one term a procedure had was in force since ever."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "procedure_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("recorded_at", instant, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_procedure_terms_amount")),
        sa.CheckConstraint(UNITS, name=op.f("ck_procedure_terms_unit")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_procedure_terms_span")),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedures.id"], name=op.f("fk_procedure_terms_procedure_id_procedures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_terms")),
    )
    op.create_index("ix_procedure_terms_procedure", "procedure_terms", ["procedure_id", "valid_from"])
    op.create_table(
        "computed_dues",
        sa.Column("case_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("precision", sa.String(8), nullable=False),
        sa.Column("difference", sa.String(16)),
        sa.Column("calendar_version_id", sa.Integer(), nullable=False),
        sa.Column("last_hour_rule", sa.Boolean(), nullable=False),
        sa.CheckConstraint("precision in ('day','minute')", name=op.f("ck_computed_dues_precision")),
        sa.CheckConstraint("difference in ('too_short','too_long')", name=op.f("ck_computed_dues_difference")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_computed_dues_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["procedure_terms.id"], name=op.f("fk_computed_dues_term_id_procedure_terms")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_computed_dues")),
    )
    op.create_index(
        "ix_computed_dues_different",
        "computed_dues",
        ["difference", "case_id"],
        sqlite_where=DIFFERENT,
        postgresql_where=DIFFERENT,
    )
    op.create_table(
        "projections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("scope_id", sa.Integer()),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("cases_done", sa.Integer(), nullable=False),
        sa.Column("cases_moved", sa.Integer(), nullable=False),
        sa.Column("counts_changed", sa.Integer(), nullable=False),
        sa.Column("finished_at", instant),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("scope in ('open','procedure','batch')", name=op.f("ck_projections_scope")),
        sa.CheckConstraint("state in ('waiting','running','done')", name=op.f("ck_projections_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projections")),
    )
    op.create_index(
        "ix_projections_waiting", "projections", ["id"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    _carry_over()
    with op.batch_alter_table("procedures") as table:
        table.drop_column("term_amount")
        table.drop_column("term_unit")


def _carry_over() -> None:
    bind, now = op.get_bind(), datetime.now(UTC)
    known = sa.select(procedures).where(procedures.c.term_amount > 0, procedures.c.term_unit.is_not(None))
    for row in bind.execute(known).all():
        values = {"amount": row.term_amount, "unit": row.term_unit, "valid_from": SINCE, "basis": "", "in_force": True}
        bind.execute(
            terms.insert().values(procedure_id=row.id, author=AUTHOR, recorded_at=now, version=1, **values)
        )


def downgrade() -> None:
    """A procedure keeps the term that is in force without an end; its history is lost."""
    with op.batch_alter_table("procedures") as table:
        table.add_column(sa.Column("term_amount", sa.Integer()))
        table.add_column(sa.Column("term_unit", sa.String(32)))
    for name in ("amount", "unit"):
        op.execute(
            f"UPDATE procedures SET term_{name} = (SELECT max(t.{name}) FROM procedure_terms t "  # noqa: S608
            "WHERE t.procedure_id = procedures.id AND t.valid_to IS NULL AND t.in_force)"
        )
    op.drop_table("projections")
    op.drop_table("computed_dues")
    op.drop_table("procedure_terms")
