"""Which bank details the bank refused; what a payment was for; a claim that was taken back may have been paid."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "funding_refused_payments"
down_revision: str | None = "funding_corrections"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("refused_payee_version", sa.Integer(), nullable=True))
    op.drop_constraint(op.f("ck_claims_unclear_needs_attention"), "claims", type_="check")
    op.create_check_constraint(
        op.f("ck_claims_unclear_needs_attention"),
        "claims",
        "NOT payment_unclear OR (needs_attention AND status <> 'draft')",
    )
    op.add_column("payments", sa.Column("payee_version", sa.Integer(), nullable=True))
    op.add_column(
        "payments", sa.Column("involvement_pence", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    # Claims that were changed since their payment asked for what the payment was for, then.
    op.execute(
        "UPDATE payments SET involvement_pence = LEAST(claims.involvement_pence, payments.pence)"
        " FROM claims WHERE claims.id = payments.claim_id"
    )
    # What is at the bank went to the details of today, as far as is known; what it refused waits for other ones.
    op.execute(
        "UPDATE payments SET payee_version = payees.version FROM payees"
        " WHERE payees.person_id = payments.claimed_by AND payments.status = 'pending'"
        " AND payments.released_by IS NOT NULL"
    )
    op.execute(
        "UPDATE claims SET refused_payee_version = payees.version FROM payees"
        " WHERE payees.person_id = claims.person_id AND claims.status = 'approved' AND claims.bank_reason IN"
        " ('AC01', 'AC03', 'AC04', 'AC06', 'AC07', 'AC14', 'AG01', 'BE01', 'BE06', 'RC01', 'RC04')"
    )
    op.create_check_constraint(
        op.f("ck_payments_involvement_is_part"), "payments", "involvement_pence BETWEEN 0 AND pence"
    )


def downgrade() -> None:
    raise NotImplementedError("what the bank refused is not forgotten")
