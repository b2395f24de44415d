"""Tokens of the programming interface and their limits.

Revision ID: 20261121_0350_api_tokens
Revises: 20261121_0340_case_steps
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_0350_api_tokens"
down_revision = "20261121_0340_case_steps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tokens, their calls of the last minute, and the answers kept for their keys."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", instant),
        sa.Column("last_used_at", instant),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_api_tokens_name")),
        sa.CheckConstraint("scopes <> ''", name=op.f("ck_api_tokens_scopes")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_api_tokens_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_source_id"), "api_tokens", ["source_id"])
    op.create_table(
        "api_calls",
        sa.Column("token_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("window_start", instant, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.CheckConstraint("calls >= 0", name=op.f("ck_api_calls_calls")),
        sa.ForeignKeyConstraint(["token_id"], ["api_tokens.id"], name=op.f("fk_api_calls_token_id_api_tokens")),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_api_calls")),
    )
    op.create_table(
        "api_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("address", sa.String(80), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["api_tokens.id"], name=op.f("fk_api_answers_token_id_api_tokens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_answers")),
        sa.UniqueConstraint("token_id", "key", name=op.f("uq_api_answers_token_id_key")),
    )
    op.create_index("ix_api_answers_at", "api_answers", ["at"])


def downgrade() -> None:
    """No program comes in any more."""
    op.drop_table("api_answers")
    op.drop_table("api_calls")
    op.drop_table("api_tokens")
