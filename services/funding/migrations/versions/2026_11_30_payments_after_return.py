"""It can be unclear whether a claim was paid also after it was returned or refused."""

from collections.abc import Sequence

from alembic import op

revision: str = "funding_payments_after_return"
down_revision: str | None = "funding_corrections"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _replace("NOT payment_unclear OR (needs_attention AND status <> 'draft')")


def downgrade() -> None:
    _replace("NOT payment_unclear OR (needs_attention AND status IN ('approved', 'in_payment', 'paid'))")


def _replace(condition: str) -> None:
    op.drop_constraint(op.f("ck_claims_unclear_needs_attention"), "claims", type_="check")
    op.create_check_constraint(op.f("ck_claims_unclear_needs_attention"), "claims", condition)
