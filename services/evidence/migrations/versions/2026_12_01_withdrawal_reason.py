"""Who withdrew an item, and why."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_withdrawal_reason"
down_revision: str | None = "evidence_quotations"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CHECKS = {
    "ck_items_withdrawn_by": "withdrawn_by IN ('contributor', 'editor')",
    "ck_items_withdrawal_reason": "withdrawal_reason IS NULL OR status = 'withdrawn'",
}


def upgrade() -> None:
    op.add_column("items", sa.Column("withdrawn_by", sa.String(12), nullable=True))
    op.add_column("items", sa.Column("withdrawal_reason", sa.Text(), nullable=True))
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(name), "items", condition)


def downgrade() -> None:
    for name in _CHECKS:
        op.drop_constraint(op.f(name), "items", type_="check")
    op.drop_column("items", "withdrawal_reason")
    op.drop_column("items", "withdrawn_by")
