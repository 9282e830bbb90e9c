"""Appraisals of items, and what each of two people judged."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "appraisals",
        *_row(),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        _by_criterion("settled"),
        _by_criterion("reasons"),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'differing', 'resolved')", name=op.f("ck_appraisals_state")),
        sa.CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name=op.f("ck_appraisals_resolved_at")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_appraisals_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisals")),
        sa.UniqueConstraint("item_id", "instrument", "edition", name=op.f("uq_appraisals_item_id_instrument_edition")),
    )
    op.create_index(
        "ix_appraisals_waiting", "appraisals", ["id"], unique=False, postgresql_where=sa.text("state <> 'resolved'")
    )
    op.create_table(
        "judgements",
        *_row(),
        sa.Column("appraisal_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("appraiser_id", sa.Uuid(), nullable=False),
        _by_criterion("answers"),
        _by_criterion("comments"),
        sa.CheckConstraint("place IN (1, 2)", name=op.f("ck_judgements_place")),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisals.id"], name=op.f("fk_judgements_appraisal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        sa.UniqueConstraint("appraisal_id", "place", name=op.f("uq_judgements_appraisal_id_place")),
        sa.UniqueConstraint("appraisal_id", "appraiser_id", name=op.f("uq_judgements_appraisal_id_appraiser_id")),
    )


def downgrade() -> None:
    op.drop_table("judgements")
    op.drop_table("appraisals")


def _row() -> list[sa.Column[Any]]:
    now = sa.text("now()")
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
    ]


def _by_criterion(name: str) -> sa.Column[Any]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default=sa.text("'{}'"), nullable=False)
