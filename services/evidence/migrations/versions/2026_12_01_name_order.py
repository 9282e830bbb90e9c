"""What the names of an imported file show of their order, and how many names it left unclear."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_name_order"
down_revision: str | None = "evidence_bulk_changes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ("surnames_first", "given_names_first", "names_without_comma", "unclear_names")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("imports", sa.Column(column, sa.Integer(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_column("imports", column)
