"""Guides: statements that cite items, in editions; learning pieces, and who finished them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _guides()
    _statements()
    _pieces()
    _completions()


def downgrade() -> None:
    for table in (
        *("learning_proofs", "learning_completions", "learning_ties", "learning_pieces"),
        *("guide_citations", "guide_statements", "guide_editions", "guide_drafts", "guides"),
    ):
        op.drop_table(table)


def _row(*, own_id: bool = True) -> list[sa.Column[Any]]:
    made = {"server_default": sa.text("uuidv7()")} if own_id else {}
    return [
        sa.Column("id", sa.Uuid(), nullable=False, **made),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def _guides() -> None:
    published = sa.text("state = 'published'")
    op.create_table(
        "guides",
        *_row(),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("topics", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'review', 'published', 'withdrawn')", name=op.f("ck_guides_state")),
        sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name=op.f("ck_guides_published_at")),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_guides_withdrawn_at")),
        sa.CheckConstraint(
            "state <> 'published' OR (edition > 0 AND review_on IS NOT NULL)", name=op.f("ck_guides_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guides")),
    )
    op.create_index("ix_guides_published_at_id", "guides", ["published_at", "id"], postgresql_where=published)
    op.create_index("ix_guides_review_on_id", "guides", ["review_on", "id"], postgresql_where=published)
    op.create_index("ix_guides_topics", "guides", ["topics"], postgresql_using="gin")
    op.create_index(op.f("ix_guides_owner_id"), "guides", ["owner_id"])
    op.create_table(
        "guide_drafts",
        *_row(own_id=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("authors", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("returned_because", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'review')", name=op.f("ck_guide_drafts_state")),
        sa.ForeignKeyConstraint(["id"], ["guides.id"], name=op.f("fk_guide_drafts_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_drafts")),
    )
    op.create_index("ix_guide_drafts_state_id", "guide_drafts", ["state", "id"])
    op.create_table(
        "guide_editions",
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_editions_guide_id")),
        sa.PrimaryKeyConstraint("guide_id", "edition", name=op.f("pk_guide_editions")),
    )


def _statements() -> None:
    op.create_table(
        "guide_statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("what_to_try", sa.Text(), nullable=False),
        sa.Column("cost", JSONB, nullable=False),
        sa.Column("effort", JSONB, nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("confidence", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_statements_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_statements")),
    )
    op.create_index("uq_guide_statements_guide_id_position", "guide_statements", ["guide_id", "position"], unique=True)
    op.create_table(
        "guide_citations",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("flagged_reason", sa.String(length=24), nullable=True),
        sa.Column("flagged_mark", sa.Text(), nullable=True),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided", sa.String(length=8), nullable=True),
        sa.Column("kept", JSONB, server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint(
            "(flagged_reason IS NULL) = (flagged_at IS NULL)", name=op.f("ck_guide_citations_flagged_at")
        ),
        sa.CheckConstraint(
            "(flagged_reason IS NULL) = (flagged_mark IS NULL)", name=op.f("ck_guide_citations_flagged_mark")
        ),
        sa.CheckConstraint("decided IN ('repin', 'remove')", name=op.f("ck_guide_citations_decided")),
        sa.CheckConstraint(
            "decided IS NULL OR flagged_reason IS NOT NULL", name=op.f("ck_guide_citations_decided_of_a_flag")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_guide_citations_item_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["guide_statements.id"],
            name=op.f("fk_guide_citations_statement_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("statement_id", "item_id", name=op.f("pk_guide_citations")),
    )
    op.create_index("ix_guide_citations_item_id", "guide_citations", ["item_id"])
    op.create_index(
        "ix_guide_citations_flagged",
        "guide_citations",
        ["flagged_at", "statement_id", "item_id"],
        postgresql_where=sa.text("flagged_reason IS NOT NULL"),
    )


def _pieces() -> None:
    op.create_table(
        "learning_pieces",
        *_row(),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("questions", JSONB, nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_learning_pieces_state")),
        sa.CheckConstraint(
            "(state = 'published') = (published_at IS NOT NULL)", name=op.f("ck_learning_pieces_published_at")
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_learning_pieces_withdrawn_at")
        ),
        sa.CheckConstraint("minutes BETWEEN 1 AND 10", name=op.f("ck_learning_pieces_minutes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_pieces")),
    )
    op.create_index(
        "ix_learning_pieces_published_at_id",
        "learning_pieces",
        ["published_at", "id"],
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index("ix_learning_pieces_drafts", "learning_pieces", ["id"], postgresql_where=sa.text("state = 'draft'"))
    op.create_index(op.f("ix_learning_pieces_owner_id"), "learning_pieces", ["owner_id"])
    op.create_table(
        "learning_ties",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("flagged_reason", sa.String(length=24), nullable=True),
        sa.Column("flagged_mark", sa.Text(), nullable=True),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept", JSONB, server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("kind IN ('item', 'guide')", name=op.f("ck_learning_ties_kind")),
        sa.CheckConstraint("(flagged_reason IS NULL) = (flagged_at IS NULL)", name=op.f("ck_learning_ties_flagged_at")),
        sa.CheckConstraint(
            "(flagged_reason IS NULL) = (flagged_mark IS NULL)", name=op.f("ck_learning_ties_flagged_mark")
        ),
        sa.ForeignKeyConstraint(["piece_id"], ["learning_pieces.id"], name=op.f("fk_learning_ties_piece_id")),
        sa.PrimaryKeyConstraint("piece_id", "kind", "thing_id", name=op.f("pk_learning_ties")),
    )
    op.create_index("ix_learning_ties_kind_thing_id", "learning_ties", ["kind", "thing_id"])
    op.create_index(
        "ix_learning_ties_flagged",
        "learning_ties",
        ["flagged_at", "piece_id", "kind", "thing_id"],
        postgresql_where=sa.text("flagged_reason IS NOT NULL"),
    )


def _completions() -> None:
    op.create_table(
        "learning_completions",
        *_row(),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 10", name=op.f("ck_learning_completions_minutes")),
        sa.ForeignKeyConstraint(["piece_id"], ["learning_pieces.id"], name=op.f("fk_learning_completions_piece_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_completions")),
        sa.UniqueConstraint(
            "person_id", "piece_id", "edition", name=op.f("uq_learning_completions_person_id_piece_id_edition")
        ),
    )
    op.create_index("ix_learning_completions_person_id_id", "learning_completions", ["person_id", "id"])
    op.create_index("ix_learning_completions_piece_id", "learning_completions", ["piece_id"])
    op.create_table(
        "learning_proofs",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("completion_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["completion_id"],
            ["learning_completions.id"],
            name=op.f("fk_learning_proofs_completion_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_learning_proofs")),
    )
    op.create_index(
        "uq_learning_proofs_standing",
        "learning_proofs",
        ["completion_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
