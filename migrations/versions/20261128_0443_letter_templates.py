"""Own Word files of units for their letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128_0443_letter_templates"
down_revision = "20261128_0422_impact"
branch_labels = None
depends_on = None

TABLE = "letter_templates"
NUMBERED = "state not in ('numbered','sent') or (number is not null and issued_on is not null "
BEFORE = NUMBERED + "and file_sha256 is not null and docx_sha256 is not null and is_late is not null)"
AFTER = (
    NUMBERED
    + "and docx_sha256 is not null and is_late is not null "
    + "and (file_sha256 is not null or (state = 'numbered' and template_id is not null)))"
)


def upgrade() -> None:
    """The files; a numbered letter made from one may wait for its PDF."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("uploaded_by", sa.Integer()),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        sa.Column("valid_from", sa.Date()),
        sa.Column("withdrawn_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.CheckConstraint("kind in ('reappointment', 'short')", name=op.f("ck_letter_templates_kind")),
        sa.CheckConstraint("valid_from is null or tried_at is not null", name=op.f("ck_letter_templates_tried")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_letter_templates_unit_id_units")),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_files.sha256"], name=op.f("fk_letter_templates_sha256_stored_files")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("fk_letter_templates_uploaded_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_templates")),
    )
    op.create_index(op.f("ix_letter_templates_unit_id"), TABLE, ["unit_id"])
    with op.batch_alter_table("apologies") as apologies:
        apologies.add_column(sa.Column("template_id", sa.Integer()))
        apologies.create_foreign_key(
            op.f("fk_apologies_template_id_letter_templates"), TABLE, ["template_id"], ["id"]
        )
        apologies.drop_constraint(op.f("ck_apologies_numbered"), type_="check")
        apologies.create_check_constraint(op.f("ck_apologies_numbered"), AFTER)


def downgrade() -> None:
    """Without them. Letters that still wait for their PDF go back to the signed state."""
    op.execute(
        "UPDATE apologies SET state = 'signed', number = NULL, number_text = NULL, issued_on = NULL, is_late = NULL, "
        "docx_sha256 = NULL WHERE state = 'numbered' AND file_sha256 IS NULL"
    )
    with op.batch_alter_table("apologies") as apologies:
        apologies.drop_constraint(op.f("ck_apologies_numbered"), type_="check")
        apologies.create_check_constraint(op.f("ck_apologies_numbered"), BEFORE)
        apologies.drop_constraint(op.f("fk_apologies_template_id_letter_templates"), type_="foreignkey")
        apologies.drop_column("template_id")
    op.drop_table(TABLE)
