"""What became of the items and guides that projects apply: notices, merges and doubts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "engagement_doubts"
down_revision: str | None = "engagement_admissions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("items", sa.Column("notice", sa.String(length=30), nullable=True))
    op.add_column("items", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column(
        "guides",
        sa.Column("doubts", postgresql.ARRAY(sa.String(length=20)), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("guides", "doubts")
    op.drop_column("items", "merged_into")
    op.drop_column("items", "notice")
