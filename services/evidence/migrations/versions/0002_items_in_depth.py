"""Items in depth: editions, who speaks and of what time, retraction, merging; renditions; transferability."""

from collections.abc import Sequence

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


def downgrade() -> None:
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
