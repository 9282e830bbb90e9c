"""What the front line asks about a topic, beside the topic."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("topics", sa.Column("open_questions", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "evidence_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("topic_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_requests")),
    )
    op.create_index(
        "ix_evidence_requests_topic_ids",
        "evidence_requests",
        ["topic_ids"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("open"),
    )


def downgrade() -> None:
    op.drop_table("evidence_requests")
    op.drop_column("topics", "open_questions")
