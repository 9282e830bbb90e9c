"""Who attended an assembly, who then counts once for its topic, however many of its assemblies they attend."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_attendees"
down_revision: str | None = "evidence_voices"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("topic_attendances", sa.Column("person_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("topic_attendances", "person_id")
