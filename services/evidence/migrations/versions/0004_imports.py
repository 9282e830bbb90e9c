"""Imports in every format."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.alter_column("imports", "format", type_=sa.String(20), existing_type=sa.String(12), existing_nullable=False)


def downgrade() -> None:
    op.execute("DELETE FROM import_chunks WHERE import_id IN (SELECT id FROM imports WHERE format <> 'ris')")
    op.execute("DELETE FROM import_rejects WHERE import_id IN (SELECT id FROM imports WHERE format <> 'ris')")
    op.execute("DELETE FROM imports WHERE format <> 'ris'")
    op.alter_column("imports", "format", type_=sa.String(12), existing_type=sa.String(20), existing_nullable=False)
