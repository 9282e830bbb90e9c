"""What the bank reports of files and payments, and what people resolve; end-to-end ids of 18 characters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "funding_bank_reports"
down_revision: str | None = "funding_cost_limits"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LEDGER_KINDS = "kind IN ('budget', 'allocation', 'reserve', 'release', 'approve', 'reverse', 'pay', 'void')"
STEPS = (
    "step IN ('submitted', 'returned', 'refused', 'approved', 'in_payment', 'payment_stopped', "
    "'payment_refused', 'payment_unclear', 'payment_confirmed', 'payment_voided', 'paid')"
)


def upgrade() -> None:
    _extend_ledger()
    _extend_claims()
    _extend_payment_runs()
    _extend_payments()
    _extend_bank_messages()


def _extend_ledger() -> None:
    op.add_column(
        "ledger_transactions", sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    _replace_check("ledger_transactions", "kind", LEDGER_KINDS)
    _replace_check(
        "ledger_transactions", "claim", "kind NOT IN ('approve', 'reverse', 'pay', 'void') OR claim_id IS NOT NULL"
    )
    op.drop_index("uq_ledger_transactions_once_per_claim", table_name="ledger_transactions")
    op.create_index(
        "uq_ledger_transactions_once_per_claim",
        "ledger_transactions",
        ["kind", "claim_id", "attempt"],
        unique=True,
        postgresql_where=sa.text("kind IN ('approve', 'reverse', 'pay', 'void')"),
    )


def _extend_claims() -> None:
    op.add_column("claims", sa.Column("payment_unclear", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("claims", sa.Column("voided_payments", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(
        op.f("ck_claims_unclear_needs_attention"),
        "claims",
        "NOT payment_unclear OR (needs_attention AND status IN ('approved', 'in_payment', 'paid'))",
    )
    op.create_index(
        "ix_claims_payment_unclear", "claims", ["id"], unique=False, postgresql_where=sa.text("payment_unclear")
    )
    _replace_check("claim_steps", "step", STEPS)


def _extend_payment_runs() -> None:
    op.add_column("payment_runs", sa.Column("bank_status", sa.String(length=4), nullable=True))
    op.add_column("payment_runs", sa.Column("bank_reason", sa.String(length=35), nullable=True))
    op.add_column(
        "payment_runs", sa.Column("file_in_doubt", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("payment_runs", sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False))


def _extend_payments() -> None:
    op.add_column("payments", sa.Column("bank_status", sa.String(length=4), nullable=True))
    op.add_column("payments", sa.Column("in_doubt", sa.String(length=20), nullable=True))
    op.add_column("payments", sa.Column("released_by", sa.Uuid(), nullable=True))
    op.add_column("payments", sa.Column("resolved_by", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE payments SET released_by = payment_runs.released_by"
        " FROM payment_runs WHERE payment_runs.id = payments.run_id"
    )
    # The last 18 of the 26 characters hold all that was drawn at random, so they stay unique.
    op.alter_column(
        "payments",
        "end_to_end_id",
        type_=sa.String(length=18),
        existing_type=sa.String(length=31),
        existing_nullable=False,
        postgresql_using="right(end_to_end_id, 18)",
    )
    op.create_check_constraint(
        op.f("ck_payments_someone_else_resolves"),
        "payments",
        "resolved_by IS NULL OR (released_by IS NOT NULL AND resolved_by <> released_by"
        " AND resolved_by <> claimed_by AND resolved_by <> approved_by)",
    )
    op.create_check_constraint(
        op.f("ck_payments_in_doubt"),
        "payments",
        "in_doubt IS NULL OR (in_doubt = 'duplicate' AND status = 'pending')"
        " OR (in_doubt = 'contradiction' AND status IN ('paid', 'refused'))",
    )
    op.create_index("ix_payments_claim_id", "payments", ["claim_id", "id"], unique=False)


def _extend_bank_messages() -> None:
    op.add_column("bank_messages", sa.Column("file_status", sa.String(length=4), nullable=True))
    op.add_column("bank_messages", sa.Column("file_reason", sa.String(length=35), nullable=True))
    for column in ("duplicates", "contradictions"):
        op.add_column("bank_messages", sa.Column(column, sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "payment_reports",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("bank_status", sa.String(length=4), nullable=True),
        sa.Column("bank_reason", sa.String(length=35), nullable=True),
        sa.Column("effect", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "effect IN ('paid', 'refused', 'duplicate', 'contradicts', 'repeats', 'waiting')",
            name=op.f("ck_payment_reports_effect"),
        ),
        sa.ForeignKeyConstraint(["message_id"], ["bank_messages.id"], name=op.f("fk_payment_reports_message_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_reports_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reports")),
        sa.UniqueConstraint("message_id", "payment_id", name=op.f("uq_payment_reports_message_id_payment_id")),
    )
    op.create_index("ix_payment_reports_message_id", "payment_reports", ["message_id", "id"], unique=False)
    op.execute(
        "CREATE TRIGGER payment_reports_append_only BEFORE UPDATE OR DELETE ON payment_reports"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER payment_reports_no_truncate BEFORE TRUNCATE ON payment_reports"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _replace_check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def downgrade() -> None:
    raise NotImplementedError("what the bank reported is not forgotten")
