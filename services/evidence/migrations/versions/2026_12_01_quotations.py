"""What repeats the words of a withdrawn account is looked for, and held back: where a scan is, and what it found."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_quotations"
down_revision: str | None = "evidence_setting_names"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "quotation_scans",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "requested_in",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("stage", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_quotation_scans_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_quotation_scans")),
    )
    op.add_column("items", sa.Column("held_back_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_items_held_back", "items", ["id"], postgresql_where=sa.text("held_back_at IS NOT NULL"))
    op.add_column("item_editions", sa.Column("withheld", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "guide_editions",
        sa.Column("repeats", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "guide_citations", sa.Column("repeats", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("guide_citations", "repeats")
    op.drop_column("guide_editions", "repeats")
    op.drop_column("item_editions", "withheld")
    op.drop_index("ix_items_held_back", "items")
    op.drop_column("items", "held_back_at")
    op.drop_table("quotation_scans")
