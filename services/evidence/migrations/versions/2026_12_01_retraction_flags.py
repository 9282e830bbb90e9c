"""Which items each row of a retraction list flagged. Of lists that were read before, only the counts are known."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_retraction_flags"
down_revision: str | None = "evidence_withheld_records"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "retraction_flags",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["retraction_lists.id"], name=op.f("fk_retraction_flags_job_id_retraction_lists")
        ),
        sa.PrimaryKeyConstraint("job_id", "number", "item_id", name=op.f("pk_retraction_flags")),
    )


def downgrade() -> None:
    op.drop_table("retraction_flags")
