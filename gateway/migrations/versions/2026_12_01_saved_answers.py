"""Answers of forms that are not sent yet."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "gateway_saved_answers"
down_revision: str | None = "gateway_first_schema"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "saved_answers",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("journey", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_answers")),
        sa.UniqueConstraint("digest", "journey", name=op.f("uq_saved_answers_digest_journey")),
    )
    op.create_index(op.f("ix_saved_answers_expires_at"), "saved_answers", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("saved_answers")
