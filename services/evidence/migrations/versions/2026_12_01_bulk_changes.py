"""Changes of many items and decisions about many duplicates at once; titles by which works are told apart quickly."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_bulk_changes"
down_revision: str | None = "evidence_attendees"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "bulk_changes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("beyond_limit", sa.Integer(), nullable=False),
        sa.Column("editor_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("try_at", moment, nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.CheckConstraint("kind IN ('duplicates', 'items')", name=op.f("ck_bulk_changes_kind")),
        sa.CheckConstraint("status IN ('previewed', 'queued', 'done')", name=op.f("ck_bulk_changes_status")),
        sa.CheckConstraint("(status = 'previewed') = (editor_id IS NULL)", name=op.f("ck_bulk_changes_editor_id")),
        sa.CheckConstraint("(status = 'done') = (finished_at IS NOT NULL)", name=op.f("ck_bulk_changes_finished_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_changes")),
    )
    op.create_index("ix_bulk_changes_unfinished", "bulk_changes", ["id"], postgresql_where=sa.text("status = 'queued'"))
    op.create_table(
        "bulk_change_steps",
        sa.Column("bulk_change_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("into_id", sa.Uuid(), nullable=True),
        sa.Column("items", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("versions", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("merge_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("status IN ('planned', 'done', 'left')", name=op.f("ck_bulk_change_steps_status")),
        sa.CheckConstraint("cardinality(items) = cardinality(versions)", name=op.f("ck_bulk_change_steps_versions")),
        sa.CheckConstraint("(status = 'left') = (reason IS NOT NULL)", name=op.f("ck_bulk_change_steps_reason")),
        sa.ForeignKeyConstraint(
            ["bulk_change_id"], ["bulk_changes.id"], name=op.f("fk_bulk_change_steps_bulk_change_id_bulk_changes")
        ),
        sa.PrimaryKeyConstraint("bulk_change_id", "number", name=op.f("pk_bulk_change_steps")),
    )
    op.create_index("ix_bulk_change_steps_status", "bulk_change_steps", ["bulk_change_id", "status", "number"])
    # Without a row, a work is read as a whole: there is nothing to fill in.
    op.create_table(
        "duplicate_titles",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("identifiers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_duplicate_titles")),
    )


def downgrade() -> None:
    op.drop_table("duplicate_titles")
    op.drop_table("bulk_change_steps")
    op.drop_table("bulk_changes")
