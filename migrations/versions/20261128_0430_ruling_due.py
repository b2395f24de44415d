"""The due moment that rules a case: the printed one moved by recorded pauses and extensions.

Revision ID: 20261128_0430_ruling_due
Revises: 20261121_0400_aggregates
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0430_ruling_due"
down_revision = "20261121_0400_aggregates"
branch_labels = None
depends_on = None

OPEN = "meaning IN ('open','paused')"
ENDED = "meaning IN ('finished','refused') AND finished_at IS NOT NULL"
LATE = "meaning IN ('finished','refused') AND finished_at > {due}"
RULING = {
    "ruling_due_precision": "ruling_due_precision in ('day','minute')",
    "ruling_due_at": (
        "CASE WHEN due_at IS NULL THEN ruling_due_at IS NULL "
        "ELSE ruling_due_at IS NOT NULL AND ruling_due_at >= due_at END"
    ),
}
COLUMNS = ("ruling_due_at", "ruling_due_precision", "moved_by", "paused_since")


def _indexes(due: str) -> tuple[tuple[str, list[str], str], ...]:
    """The indexes that stand on the moment verdicts compare: name, columns, condition."""
    late = LATE.format(due=due)
    return (
        ("ix_cases_open_due", [due, "id"], OPEN),
        ("ix_cases_open_unit", ["resolving_unit_id", due, "id"], OPEN),
        ("ix_cases_open_officer", ["officer_id", due, "id"], OPEN),
        ("ix_cases_late", ["finished_at", "id"], late),
        ("ix_cases_late_unit", ["resolving_unit_id", "finished_at", "id"], late),
        ("ix_cases_late_officer", ["officer_id", "finished_at", "id"], late),
        ("ix_cases_ended", ["finished_at", "id", due, "resolving_unit_id", "officer_id"], ENDED),
    )


def _drop(due: str) -> None:
    for name, _columns, _where in _indexes(due):
        op.drop_index(name, "cases")


def _create(due: str) -> None:
    for name, columns, where in _indexes(due):
        op.create_index(name, "cases", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """What is printed rules to begin with; the lists and their indexes follow what rules."""
    _drop("due_at")
    for name, kind in zip(COLUMNS, (sa.DateTime(), sa.String(8), sa.String(200), sa.DateTime()), strict=True):
        required = {"nullable": False, "server_default": ""} if name == "moved_by" else {}
        op.add_column("cases", sa.Column(name, kind, **required))
    op.execute("UPDATE cases SET ruling_due_at = due_at, ruling_due_precision = due_precision")
    with op.batch_alter_table("cases") as table:
        for name, text in RULING.items():
            table.create_check_constraint(op.f(f"ck_cases_{name}"), text)
    _create("ruling_due_at")


def downgrade() -> None:
    """Back to what is printed; recorded pauses stay."""
    _drop("ruling_due_at")
    with op.batch_alter_table("cases") as table:
        for name in RULING:
            table.drop_constraint(op.f(f"ck_cases_{name}"), type_="check")
        for name in COLUMNS:
            table.drop_column(name)
    _create("due_at")
