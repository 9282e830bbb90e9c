"""What a cost may be, claims beyond a reservation and its extensions, and duplicates that were checked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "funding_cost_limits"
down_revision: str | None = "funding_duties"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = (
    "involvement_payment",
    "travel",
    "replacement_care",
    "personal_assistant",
    "backfill",
    "access_cost",
    "device_or_data",
)


def upgrade() -> None:
    op.create_table(
        "cost_limits",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("ceiling_pence", sa.BigInteger(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("days_after", sa.Integer(), nullable=False),
        sa.Column("evidence_above_pence", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.Column("certainty", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('involvement_payment', 'travel', 'replacement_care', 'personal_assistant', 'backfill', 'access_cost', 'device_or_data')",
            name=op.f("ck_cost_limits_kind"),
        ),
        sa.CheckConstraint(
            "evidence_above_pence BETWEEN 0 AND ceiling_pence", name=op.f("ck_cost_limits_evidence_below_ceiling")
        ),
        sa.CheckConstraint(
            "days_before BETWEEN 0 AND 366 AND days_after BETWEEN 0 AND 366", name=op.f("ck_cost_limits_days_of_a_cost")
        ),
        sa.CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name=op.f("ck_cost_limits_days")),
        *(
            postgresql.ExcludeConstraint(
                (sa.text("daterange(effective_from, effective_to, '[]')"), "&&"),
                where=sa.text(f"kind = '{kind}'"),
                using="gist",
                name=op.f(f"ex_cost_limits_one_at_a_time_{kind}"),
            )
            for kind in KINDS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_limits")),
    )
    op.create_table(
        "reservation_extensions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("extended_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("pence > 0", name=op.f("ck_reservation_extensions_more_than_nothing")),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservations.id"], name=op.f("fk_reservation_extensions_reservation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation_extensions")),
    )
    op.create_index(
        "ix_reservation_extensions_reservation_id", "reservation_extensions", ["reservation_id", "id"], unique=False
    )
    op.add_column(
        "claims", sa.Column("beyond_reservation", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_claims_reserved_before_approval"), "claims", "status = 'submitted' OR NOT beyond_reservation"
    )
    op.create_index(
        "ix_claims_beyond_reservation",
        "claims",
        ["id"],
        unique=False,
        postgresql_where=sa.text("beyond_reservation"),
    )
    op.create_index("ix_claim_lines_cost", "claim_lines", ["spent_on", "kind", "pence"], unique=False)
    op.add_column(
        "claim_steps",
        sa.Column("duplicates_checked", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("what was recorded is not taken back: `make reset` begins with an empty database")
