"""Whoever makes a payment run does not release it; whoever records an attendance does not approve its claim."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "funding_duties"
down_revision: str | None = "funding_first_schema"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    people = postgresql.ARRAY(sa.Uuid())
    op.add_column("attendances", sa.Column("recorded_by", people, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("claims", sa.Column("attendance_recorded_by", people, server_default=sa.text("'{}'"), nullable=False))
    op.create_check_constraint(
        op.f("ck_claims_recorder_does_not_approve"),
        "claims",
        "approved_by IS NULL OR approved_by <> ALL (attendance_recorded_by)",
    )
    op.create_check_constraint(
        op.f("ck_payment_runs_someone_else_releases"),
        "payment_runs",
        "released_by IS NULL OR released_by <> created_by",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_payment_runs_someone_else_releases"), "payment_runs", type_="check")
    op.drop_constraint(op.f("ck_claims_recorder_does_not_approve"), "claims", type_="check")
    op.drop_column("claims", "attendance_recorded_by")
    op.drop_column("attendances", "recorded_by")
