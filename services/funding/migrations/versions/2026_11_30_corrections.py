"""What attendances say by now, beside what is granted; overpayments; approvals that can be taken back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "funding_corrections"
down_revision: str | None = "funding_bank_reports"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The service's older release adds rows without these columns while both run.
NOTHING = sa.text("0")

REFUSE_SECOND_APPROVAL = (
    """
CREATE FUNCTION refuse_second_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approval > 1 AND NOT EXISTS (
        SELECT FROM ledger_transactions
        WHERE kind = 'reverse' AND claim_id = NEW.claim_id AND approval = NEW.approval - 1
    ) THEN
        RAISE EXCEPTION 'claim % is approved already', NEW.claim_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """CREATE TRIGGER ledger_transactions_approve_once BEFORE INSERT ON ledger_transactions
    FOR EACH ROW WHEN (NEW.kind = 'approve') EXECUTE FUNCTION refuse_second_approval()""",
)


def upgrade() -> None:
    op.add_column("claims", sa.Column("approvals", sa.Integer(), server_default=NOTHING, nullable=False))
    op.execute("UPDATE claims SET approvals = 1 WHERE approved_by IS NOT NULL")

    op.add_column("ledger_transactions", sa.Column("approval", sa.Integer(), nullable=True))
    op.execute("ALTER TABLE ledger_transactions DISABLE TRIGGER ledger_transactions_append_only")
    op.execute("UPDATE ledger_transactions SET approval = 1 WHERE kind IN ('approve', 'reverse')")
    # The update leaves deferred checks behind, which an ALTER TABLE refuses to overtake.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("ALTER TABLE ledger_transactions ENABLE TRIGGER ledger_transactions_append_only")
    op.create_check_constraint(
        op.f("ck_ledger_transactions_approval"),
        "ledger_transactions",
        "kind NOT IN ('approve', 'reverse') OR coalesce(approval, 0) > 0",
    )
    op.drop_index("uq_ledger_transactions_once_per_claim", "ledger_transactions")
    op.create_index(
        "uq_ledger_transactions_once_per_approval",
        "ledger_transactions",
        ["kind", "claim_id", "approval"],
        unique=True,
        postgresql_where=sa.text("kind IN ('approve', 'reverse')"),
    )
    op.create_index(
        "uq_ledger_transactions_once_per_claim",
        "ledger_transactions",
        ["kind", "claim_id", "attempt"],
        unique=True,
        postgresql_where=sa.text("kind IN ('pay', 'void')"),
    )
    for statement in REFUSE_SECOND_APPROVAL:
        op.execute(statement)

    op.drop_constraint(op.f("ck_payment_runs_more_than_nothing"), "payment_runs")
    op.create_check_constraint(
        op.f("ck_payment_runs_more_than_nothing"),
        "payment_runs",
        "(pence > 0 AND claims > 0) OR (pence = 0 AND claims = 0 AND status = 'cancelled')",
    )

    for column in (
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("highest_pence", sa.BigInteger(), server_default=NOTHING, nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attendance_rate_card_id", sa.Uuid(), nullable=True),
        sa.Column("attendance_held_on", sa.Date(), nullable=True),
        sa.Column("attendance_starts_at", sa.Time(), nullable=True),
        sa.Column("attendance_minutes", sa.Integer(), nullable=True),
        sa.Column("attendance_pence", sa.BigInteger(), nullable=True),
        sa.Column("overlaps", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("paid_pence", sa.BigInteger(), server_default=NOTHING, nullable=False),
        sa.Column("recovered_pence", sa.BigInteger(), server_default=NOTHING, nullable=False),
        sa.Column("written_off_pence", sa.BigInteger(), server_default=NOTHING, nullable=False),
        sa.Column("overpaid_pence", sa.BigInteger(), server_default=NOTHING, nullable=False),
    ):
        op.add_column("entitlements", column)
    op.create_foreign_key(
        op.f("fk_entitlements_attendance_rate_card_id"),
        "entitlements",
        "rate_cards",
        ["attendance_rate_card_id"],
        ["id"],
    )
    op.execute(
        "UPDATE entitlements SET highest_pence = pence, granted_at = created_at,"
        " paid_pence = coalesce((SELECT sum(involvement_pence) FROM claims"
        " WHERE claims.entitlement_id = entitlements.id AND claims.status = 'paid'), 0)"
    )
    op.execute(
        "UPDATE entitlements SET attendance_pence = pence, attendance_minutes = minutes,"
        " attendance_held_on = held_on, attendance_rate_card_id = rate_card_id"
        " WHERE status = 'granted' AND NOT in_question"
    )
    # What the attendance of an entitlement in question says was not kept: a correction says it, or an officer decides.
    op.execute("UPDATE entitlements SET in_question = false WHERE in_question AND submitted_claims = 0")
    op.execute(
        "UPDATE entitlements SET overpaid_pence ="
        " greatest(0, paid_pence - CASE WHEN status = 'granted' THEN pence ELSE 0 END)"
    )
    op.drop_constraint(op.f("ck_entitlements_claimed_is_entitled"), "entitlements")
    for name, condition in (
        ("claimed_is_entitled", "claimed_pence BETWEEN 0 AND highest_pence AND pence <= highest_pence"),
        ("question_has_claim", "NOT in_question OR submitted_claims > 0"),
        ("paid_is_claimed", "recovered_pence >= 0 AND paid_pence - recovered_pence BETWEEN 0 AND claimed_pence"),
        (
            "overpaid_is_beyond_entitlement",
            "overpaid_pence >= 0 AND written_off_pence >= 0 AND overpaid_pence + written_off_pence = GREATEST(0, "
            "paid_pence - recovered_pence - CASE WHEN status = 'granted' THEN pence ELSE 0 END)",
        ),
        (
            "attendance_is_whole",
            "num_nulls(attendance_pence, attendance_minutes, attendance_held_on, attendance_rate_card_id) IN (0, 4)",
        ),
    ):
        op.create_check_constraint(op.f(f"ck_entitlements_{name}"), "entitlements", condition)
    op.create_index("ix_entitlements_overpaid", "entitlements", ["id"], postgresql_where=sa.text("overpaid_pence > 0"))

    op.create_table(
        "recoveries",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("entitlement_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("outcome IN ('recovered', 'written_off')", name=op.f("ck_recoveries_outcome")),
        sa.CheckConstraint("pence > 0", name=op.f("ck_recoveries_more_than_nothing")),
        sa.CheckConstraint("recorded_by <> person_id", name=op.f("ck_recoveries_someone_else_records")),
        sa.ForeignKeyConstraint(["entitlement_id"], ["entitlements.id"], name=op.f("fk_recoveries_entitlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
    )
    op.create_index(op.f("ix_recoveries_entitlement_id"), "recoveries", ["entitlement_id"])


def downgrade() -> None:
    raise NotImplementedError("what attendances say, and what was overpaid, would be lost")
