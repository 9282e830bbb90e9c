"""Payments stay in the line of sight when they are voided, each with its month, so that a closed month never changes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "evidence_disclosure"
down_revision: str | None = "evidence_first_schema"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("sight_payments", sa.Column("recorded_at", moment, server_default=sa.text("now()"), nullable=False))
    op.add_column("sight_payments", sa.Column("entitlement_id", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("pk_sight_payments"), "sight_payments", type_="primary")
    op.create_primary_key(op.f("pk_sight_payments"), "sight_payments", ["claim_id", "recorded_at"])


def downgrade() -> None:
    op.execute(
        "DELETE FROM sight_payments p WHERE pence < 0 OR EXISTS (SELECT FROM sight_payments later "
        "WHERE later.claim_id = p.claim_id AND later.recorded_at > p.recorded_at)"
    )
    op.drop_constraint(op.f("pk_sight_payments"), "sight_payments", type_="primary")
    op.create_primary_key(op.f("pk_sight_payments"), "sight_payments", ["claim_id"])
    op.drop_column("sight_payments", "entitlement_id")
    op.drop_column("sight_payments", "recorded_at")
