"""Items in depth: editions, who speaks and of what time, retraction, merging; renditions; transferability."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("items", sa.Column("edition", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("items", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("items", sa.Column("retraction", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.create_foreign_key(op.f("fk_items_merged_into"), "items", "items", ["merged_into"], ["id"])
    op.create_index(op.f("ix_items_merged_into"), "items", ["merged_into"], unique=False)
    op.drop_constraint(op.f("ck_items_state"), "items", type_="check")
    op.create_check_constraint(
        op.f("ck_items_state"), "items", "state IN ('draft', 'published', 'withdrawn', 'merged')"
    )
    op.create_check_constraint(op.f("ck_items_merged_into"), "items", "(state = 'merged') = (merged_into IS NOT NULL)")
    op.create_check_constraint(op.f("ck_items_edition"), "items", "edition >= 1")
    op.create_table(
        "item_editions",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=6), nullable=True),
        sa.Column("setting", sa.String(length=120), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("own", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_editions_item_id")),
        sa.PrimaryKeyConstraint("item_id", "edition", name=op.f("pk_item_editions")),
    )
    _renditions()
    _transfer_judgements()


def _row() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def _renditions() -> None:
    op.create_table(
        "renditions",
        *_row(),
        sa.Column("original_kind", sa.String(length=10), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(length=30), nullable=False),
        sa.Column("checked_with_readers", sa.Boolean(), nullable=False),
        sa.Column("made_from_edition", sa.Integer(), nullable=False),
        sa.Column("named", sa.Text(), nullable=True),
        sa.CheckConstraint("original_kind IN ('evidence', 'guide')", name=op.f("ck_renditions_original_kind")),
        sa.CheckConstraint(
            "kind IN ('easy_read', 'large_print', 'bsl', 'welsh', 'audio')", name=op.f("ck_renditions_kind")
        ),
        sa.CheckConstraint("content IS NOT NULL OR url IS NOT NULL", name=op.f("ck_renditions_something")),
        sa.CheckConstraint("made_from_edition >= 1", name=op.f("ck_renditions_made_from_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renditions")),
        sa.UniqueConstraint("original_kind", "original_id", "kind", "language", name="uq_renditions_original"),
    )


def _transfer_judgements() -> None:
    op.create_table(
        "transfer_judgements",
        *_row(),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=6), nullable=False),
        sa.Column("setting", sa.String(length=120), nullable=True),
        sa.Column("service", sa.String(length=300), nullable=True),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("adapted", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("judged_by", sa.String(length=40), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("conclusion", sa.String(length=30), nullable=False),
        sa.CheckConstraint(
            "conclusion IN ('transferable', 'transferable_if_adapted', 'not_transferable', 'cannot_be_said')",
            name=op.f("ck_transfer_judgements_conclusion"),
        ),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_transfer_judgements_edition")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_transfer_judgements_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_judgements")),
    )
    op.create_index("ix_transfer_judgements_item_id_id", "transfer_judgements", ["item_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("transfer_judgements")
    op.drop_table("renditions")
    op.drop_table("item_editions")
    op.drop_constraint(op.f("ck_items_merged_into"), "items", type_="check")
    op.drop_constraint(op.f("ck_items_edition"), "items", type_="check")
    op.drop_constraint(op.f("ck_items_state"), "items", type_="check")
    op.execute("UPDATE items SET state = 'draft' WHERE state = 'merged'")
    op.create_check_constraint(op.f("ck_items_state"), "items", "state IN ('draft', 'published', 'withdrawn')")
    op.drop_index(op.f("ix_items_merged_into"), "items")
    op.drop_column("items", "retraction")
    op.drop_column("items", "merged_into")
    op.drop_column("items", "edition")
