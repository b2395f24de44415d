"""Keep successors and former names of units, stand-ins, and directory files between preview and apply.

Revision ID: 20261121_0380_unit_successors
Revises: 20261121_0370_source_mappings
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_0380_unit_successors"
down_revision = "20261121_0370_source_mappings"
branch_labels = None
depends_on = None

# Table and primary key; INSERT OR REPLACE on SQLite is a deletion in disguise, so the key is guarded too.
APPEND_ONLY: dict[str, tuple[str, ...]] = {"unit_names": ("id",), "unit_successions": ("id",)}


def upgrade() -> None:
    """Four tables, guards for two of them, and for whom a letter was signed."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "unit_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_unit_names_dates")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_names_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_names")),
    )
    op.create_index("uq_unit_names_end", "unit_names", ["unit_id", "valid_to"], unique=True)
    op.create_table(
        "unit_successions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("document_on", sa.Date()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('merge', 'split', 'rename', 'transfer')", name=op.f("ck_unit_successions_kind")
        ),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_unit_successions_not_itself")),
        sa.ForeignKeyConstraint(["from_id"], ["units.id"], name=op.f("fk_unit_successions_from_id_units")),
        sa.ForeignKeyConstraint(["to_id"], ["units.id"], name=op.f("fk_unit_successions_to_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_successions")),
    )
    op.create_index("uq_unit_successions_pair", "unit_successions", ["from_id", "to_id"], unique=True)
    op.create_index("ix_unit_successions_to_id", "unit_successions", ["to_id"])
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_absences_dates")),
        sa.CheckConstraint("person_id <> stand_in_id", name=op.f("ck_absences_not_himself")),
        sa.CheckConstraint(
            "reason IN ('leave', 'sick', 'travel', 'study', 'suspended', 'other')", name=op.f("ck_absences_reason")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id_people")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["people.id"], name=op.f("fk_absences_stand_in_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_person", "absences", ["person_id", "first_day"])
    op.create_index("ix_absences_stand_in", "absences", ["stand_in_id", "first_day"])
    op.create_table(
        "directory_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("plan_sha256", sa.String(64)),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("uploaded_at", instant, nullable=False),
        sa.Column("decided_at", instant),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('previewed', 'applied', 'discarded')", name=op.f("ck_directory_files_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_files")),
    )
    op.create_index("ix_directory_files_user", "directory_files", ["user_id", "id"])
    op.add_column("apologies", sa.Column("signed_for", sa.Integer()))
    for table, key in APPEND_ONLY.items():
        guard(table, key)


def downgrade() -> None:
    """What was recorded of successors, former names and absences goes."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        for name in ("no_update", "no_delete", "no_replace") if sqlite else ("no_change", "no_truncate"):
            op.execute(f"DROP TRIGGER {table}_{name}" + ("" if sqlite else f" ON {table}"))
    op.execute("ALTER TABLE apologies DROP COLUMN signed_for")
    op.drop_index("ix_directory_files_user", "directory_files")
    op.drop_table("directory_files")
    op.drop_index("ix_absences_stand_in", "absences")
    op.drop_index("ix_absences_person", "absences")
    op.drop_table("absences")
    op.drop_index("ix_unit_successions_to_id", "unit_successions")
    op.drop_index("uq_unit_successions_pair", "unit_successions")
    op.drop_table("unit_successions")
    op.drop_index("uq_unit_names_end", "unit_names")
    op.drop_table("unit_names")


def guard(table: str, key: tuple[str, ...]) -> None:
    """Refuse every change of a row once it is written, in the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'append-only: {table} may not be changed');"
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END")
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse} END"
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
