"""Duplicates, merges and lists of retractions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOTES = (
    """
    CREATE FUNCTION note_added_works() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO pending_comparisons (item_id) SELECT id FROM added WHERE way_of_knowing = 'research' ORDER BY id;
        INSERT INTO unchecked_items (item_id) SELECT id FROM added WHERE way_of_knowing = 'research' ORDER BY id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION note_changed_works() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO pending_comparisons (item_id)
            SELECT changed.id FROM changed JOIN former USING (id)
            WHERE changed.way_of_knowing = 'research'
                AND (changed.title, changed.own, changed.state)
                    IS DISTINCT FROM (former.title, former.own, former.state)
            ORDER BY changed.id;
        INSERT INTO unchecked_items (item_id)
            SELECT changed.id FROM changed JOIN former USING (id)
            WHERE changed.way_of_knowing = 'research'
                AND (changed.own -> 'identifiers', changed.state)
                    IS DISTINCT FROM (former.own -> 'identifiers', former.state)
            ORDER BY changed.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER items_note_added_works AFTER INSERT ON items
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_added_works()
    """,
    """
    CREATE TRIGGER items_note_changed_works AFTER UPDATE ON items
        REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changed_works()
    """,
    """
    INSERT INTO pending_comparisons (item_id)
        SELECT id FROM items WHERE way_of_knowing = 'research' AND state IN ('draft', 'published') ORDER BY id
    """,
    "ALTER TABLE retraction_chunks ALTER COLUMN content SET STORAGE EXTERNAL",
)
UNIDENTIFIED = "uq_items_unidentified"


def upgrade() -> None:
    op.drop_index(UNIDENTIFIED, "items")
    op.create_index(
        UNIDENTIFIED,
        "items",
        ["fingerprint"],
        unique=True,
        postgresql_where=sa.text("NOT identified AND state <> 'merged'"),
    )
    _merges()
    _duplicates()
    _retractions()
    for statement in NOTES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER items_note_changed_works ON items")
    op.execute("DROP TRIGGER items_note_added_works ON items")
    op.execute("DROP FUNCTION note_changed_works()")
    op.execute("DROP FUNCTION note_added_works()")
    for table in (
        "unchecked_items",
        "retraction_notices",
        "retraction_rejects",
        "retraction_chunks",
        "retraction_lists",
        "pending_comparisons",
        "duplicate_keys",
        "duplicate_pairs",
        "duplicate_groups",
        "merged_items",
        "merges",
    ):
        op.drop_table(table)
    op.drop_index(UNIDENTIFIED, "items")
    op.execute("UPDATE items SET identified = true WHERE state = 'merged'")
    op.create_index(UNIDENTIFIED, "items", ["fingerprint"], unique=True, postgresql_where=sa.text("NOT identified"))


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def _merges() -> None:
    op.create_table(
        "merges",
        *_row(),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("state IN ('standing', 'undone')", name=op.f("ck_merges_state")),
        sa.CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_merges_undone_at")),
        sa.ForeignKeyConstraint(["into_id"], ["items.id"], name=op.f("fk_merges_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    op.create_index(
        "ix_merges_into_id_standing", "merges", ["into_id", "id"], postgresql_where=sa.text("state = 'standing'")
    )
    op.create_table(
        "merged_items",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("led_here", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["merges.id"], name=op.f("fk_merged_items_merge_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_merged_items_item_id")),
        sa.PrimaryKeyConstraint("merge_id", "item_id", name=op.f("pk_merged_items")),
    )
    op.create_index(op.f("ix_merged_items_item_id"), "merged_items", ["item_id"])


def _duplicates() -> None:
    op.create_table(
        "duplicate_groups",
        *_row(),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("members", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'decided')", name=op.f("ck_duplicate_groups_state")),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_at IS NOT NULL)", name=op.f("ck_duplicate_groups_decided_at")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_groups")),
    )
    op.create_index("ix_duplicate_groups_state_id", "duplicate_groups", ["state", "id"])
    op.create_index("ix_duplicate_groups_members", "duplicate_groups", ["members"], postgresql_using="gin")
    op.create_table(
        "duplicate_pairs",
        sa.Column("low_id", sa.Uuid(), nullable=False),
        sa.Column("high_id", sa.Uuid(), nullable=False),
        sa.Column("judgement", sa.String(length=10), nullable=False),
        sa.Column("likeness", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("decided", sa.String(length=10), nullable=True),
        sa.Column("merge_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_duplicate_pairs_in_order")),
        sa.CheckConstraint("judgement IN ('duplicate', 'maybe')", name=op.f("ck_duplicate_pairs_judgement")),
        sa.CheckConstraint("decided IN ('same', 'different')", name=op.f("ck_duplicate_pairs_decided")),
        sa.ForeignKeyConstraint(["low_id"], ["items.id"], name=op.f("fk_duplicate_pairs_low_id")),
        sa.ForeignKeyConstraint(["high_id"], ["items.id"], name=op.f("fk_duplicate_pairs_high_id")),
        sa.ForeignKeyConstraint(["merge_id"], ["merges.id"], name=op.f("fk_duplicate_pairs_merge_id")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_duplicate_pairs")),
    )
    op.create_index(op.f("ix_duplicate_pairs_high_id"), "duplicate_pairs", ["high_id"])
    op.create_index(op.f("ix_duplicate_pairs_merge_id"), "duplicate_pairs", ["merge_id"])
    op.create_table(
        "duplicate_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", "item_id", name=op.f("pk_duplicate_keys")),
    )
    op.create_index(op.f("ix_duplicate_keys_item_id"), "duplicate_keys", ["item_id"])
    _queue("pending_comparisons")


def _queue(name: str) -> None:
    op.create_table(
        name,
        sa.Column("noted", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("noted", name=op.f(f"pk_{name}")),
    )


def _retractions() -> None:
    op.create_table(
        "retraction_lists",
        *_row(),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("sender_kind", sa.String(length=10), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("next_line", sa.Integer(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("delimiter", sa.String(length=1), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("already", sa.Integer(), nullable=False),
        sa.Column("not_held", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_retraction_lists_status")
        ),
        sa.CheckConstraint("sender_kind IN ('person', 'client')", name=op.f("ck_retraction_lists_sender_kind")),
        sa.CheckConstraint(
            "listed = flagged + already + not_held + rejected", name=op.f("ck_retraction_lists_counts_add_up")
        ),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_retraction_lists_done")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retraction_lists")),
    )
    op.create_index(
        "ix_retraction_lists_unfinished",
        "retraction_lists",
        ["id"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
        "retraction_chunks",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["retraction_lists.id"], name=op.f("fk_retraction_chunks_list_id")),
        sa.PrimaryKeyConstraint("list_id", "begin", name=op.f("pk_retraction_chunks")),
    )
    op.create_table(
        "retraction_rejects",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["retraction_lists.id"], name=op.f("fk_retraction_rejects_list_id")),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_retraction_rejects")),
    )
    op.create_table(
        "retraction_notices",
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("retraction", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "value", "digest", name=op.f("pk_retraction_notices")),
    )
    _queue("unchecked_items")
