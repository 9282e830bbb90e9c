"""What each stakeholder group scored a topic; who asked a question, who then counts once for its topic."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_voices"
down_revision: str | None = "evidence_disclosure"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    by_group = sa.Column("by_group", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    op.add_column("survey_scores", by_group)
    op.add_column("topic_mentions", sa.Column("asker_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE topic_mentions SET asker_id = evidence_requests.asker_id FROM evidence_requests"
        " WHERE kind = 'request' AND source_id = evidence_requests.id"
    )
    _index_with("topic_id", "people", "asker_id", "source_id")


def downgrade() -> None:
    _index_with("topic_id", "people")
    op.drop_column("topic_mentions", "asker_id")
    op.drop_column("survey_scores", "by_group")


def _index_with(*columns: str) -> None:
    op.drop_index("ix_topic_mentions_kind_at", "topic_mentions")
    op.create_index("ix_topic_mentions_kind_at", "topic_mentions", ["kind", "at"], postgresql_include=list(columns))
