"""Answers that are kept for repeats can be forgotten by what they name."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("idempotency_records", sa.Column("names", sa.ARRAY(sa.Uuid()), nullable=True))
    op.create_index(
        "ix_idempotency_records_names",
        "idempotency_records",
        ["names"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("names IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_idempotency_records_names", table_name="idempotency_records")
    op.drop_column("idempotency_records", "names")
