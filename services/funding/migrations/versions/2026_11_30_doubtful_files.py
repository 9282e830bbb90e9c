"""A claim shows that the bank's report on a whole file leaves its payment open."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "funding_doubtful_files"
down_revision: str | None = "funding_refused_payments"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("file_in_doubt", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(
        "UPDATE claims SET file_in_doubt = true FROM payments JOIN payment_runs ON payment_runs.id = payments.run_id"
        " WHERE payments.claim_id = claims.id AND payments.status = 'pending' AND payment_runs.file_in_doubt"
    )
    op.create_check_constraint(
        op.f("ck_claims_file_of_payment"), "claims", "NOT file_in_doubt OR status = 'in_payment'"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_claims_file_of_payment"), "claims", type_="check")
    op.drop_column("claims", "file_in_doubt")
