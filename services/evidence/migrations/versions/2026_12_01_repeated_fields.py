"""Which records state what another filled before."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_repeated_fields"
down_revision: str | None = "evidence_public_words"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "repeated_fields",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(20), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "number", "field", name=op.f("pk_repeated_fields")),
    )
    op.create_index(op.f("ix_repeated_fields_item_id"), "repeated_fields", ["item_id"])


def downgrade() -> None:
    op.drop_table("repeated_fields")
