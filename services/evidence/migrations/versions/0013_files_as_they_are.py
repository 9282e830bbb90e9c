"""A file that waits to be imported is not compressed: a part of it is had without the rest, and soon forgotten."""

from collections.abc import Sequence

from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE import_chunks ALTER content SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.execute("ALTER TABLE import_chunks ALTER content SET STORAGE EXTENDED")
