"""A difference between two appraisers is settled by both: what one proposes, and why the other declined it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "evidence_equal_treatment"
down_revision: str | None = "evidence_attendees"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for name in ("proposed_answers", "proposed_reasons"):
        column = sa.Column(name, postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
        op.add_column("appraisals", column)
    op.add_column("appraisals", sa.Column("proposed_by", sa.Uuid(), nullable=True))
    op.add_column("appraisals", sa.Column("declined_by", sa.Uuid(), nullable=True))
    op.add_column("appraisals", sa.Column("declined_because", sa.Text(), nullable=True))
    _check_status("'open', 'differing', 'proposed', 'resolved'")
    op.create_check_constraint(
        op.f("ck_appraisals_proposed_by"), "appraisals", "status <> 'proposed' OR proposed_by IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_appraisals_proposed_by"), "appraisals", type_="check")
    op.execute("UPDATE appraisals SET status = 'differing' WHERE status = 'proposed'")
    _check_status("'open', 'differing', 'resolved'")
    for name in ("declined_because", "declined_by", "proposed_by", "proposed_reasons", "proposed_answers"):
        op.drop_column("appraisals", name)


def _check_status(allowed: str) -> None:
    op.drop_constraint(op.f("ck_appraisals_status"), "appraisals", type_="check")
    op.create_check_constraint(op.f("ck_appraisals_status"), "appraisals", f"status IN ({allowed})")
