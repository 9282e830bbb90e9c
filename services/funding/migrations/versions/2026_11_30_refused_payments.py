"""Which bank details a payment was released with, and which of them the bank refused."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "funding_refused_payments"
down_revision: str | None = "funding_payments_after_return"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("refused_payee_version", sa.Integer(), nullable=True))
    op.add_column("payments", sa.Column("payee_version", sa.Integer(), nullable=True))
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


def downgrade() -> None:
    raise NotImplementedError("what the bank refused is not forgotten")
