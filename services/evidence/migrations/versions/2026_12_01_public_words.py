"""Answered questions are found by their words."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_public_words"
down_revision: str | None = "evidence_harvest_provenance"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PUBLIC_WORDS = """
to_tsvector('english'::regconfig, (public_question || ' '::text) ||
CASE
    WHEN doubted_at IS NULL THEN public_answer
    ELSE ''::text
END)
""".strip()


def upgrade() -> None:
    op.create_index(
        "ix_evidence_requests_public_words",
        "evidence_requests",
        [sa.text(PUBLIC_WORDS)],
        postgresql_using="gin",
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_evidence_requests_public_words", table_name="evidence_requests")
