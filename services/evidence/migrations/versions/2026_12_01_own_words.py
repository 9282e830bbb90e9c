"""Words are a person's own: proposals to change them, who changed each edition, and how erased words are recognised."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_own_words"
down_revision: str | None = "evidence_equal_treatment"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "edition_changes",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=12), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("changed_by IN ('contributor', 'editor')", name=op.f("ck_edition_changes_changed_by")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_edition_changes_item_id")),
        sa.PrimaryKeyConstraint("item_id", "edition", name=op.f("pk_edition_changes")),
    )
    op.create_table(
        "word_fingerprints",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("whole", sa.LargeBinary(), nullable=False),
        sa.Column("shingles", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_word_fingerprints_item_id")),
        sa.PrimaryKeyConstraint("item_id", "whole", name=op.f("pk_word_fingerprints")),
    )
    op.create_index("ix_word_fingerprints_whole", "word_fingerprints", ["whole"])
    op.create_index("ix_word_fingerprints_shingles", "word_fingerprints", ["shingles"], postgresql_using="gin")
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.String(length=12), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("proposed_by IN ('contributor', 'editor')", name=op.f("ck_proposals_proposed_by")),
        sa.CheckConstraint(
            "status IN ('waiting', 'accepted', 'declined', 'withdrawn', 'replaced')", name=op.f("ck_proposals_status")
        ),
        sa.CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_proposals_decided_at")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_proposals_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_item_id_id", "proposals", ["item_id", "id"])
    op.create_index(
        "uq_proposals_waiting",
        "proposals",
        ["item_id", "proposed_by"],
        unique=True,
        postgresql_where=sa.text("status = 'waiting'"),
    )


def downgrade() -> None:
    for table in ("proposals", "word_fingerprints", "edition_changes"):
        op.drop_table(table)
