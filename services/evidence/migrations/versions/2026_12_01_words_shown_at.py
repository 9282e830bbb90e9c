"""Since when each text that a person published here was shown: what stood here before repeats nothing of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_words_shown_at"
down_revision: str | None = "evidence_sent_again"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("word_fingerprints", sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE word_fingerprints SET shown_at = items.created_at FROM items WHERE items.id = word_fingerprints.item_id"
    )
    op.alter_column("word_fingerprints", "shown_at", nullable=False)
    op.drop_column("quotation_scans", "given_at")


def downgrade() -> None:
    op.add_column("quotation_scans", sa.Column("given_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE quotation_scans SET given_at = items.created_at FROM items WHERE items.id = item_id")
    op.alter_column("quotation_scans", "given_at", nullable=False)
    op.drop_column("word_fingerprints", "shown_at")
