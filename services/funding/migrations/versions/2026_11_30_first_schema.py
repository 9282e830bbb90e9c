"""The first schema of the funding service, with the guards of the ledger."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "funding_first_schema"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("funding",)
depends_on: str | Sequence[str] | None = "platform_tables"

FUNCTIONS = (
    """
CREATE FUNCTION ledger_transaction_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about uuid := to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'ledger_entries' THEN 'transaction_id' ELSE 'id' END;
    sides integer;
    difference numeric;
BEGIN
    SELECT count(*), coalesce(sum(debit_pence) - sum(credit_pence), 0) INTO sides, difference
    FROM ledger_entries WHERE transaction_id = about;
    IF sides < 2 OR difference <> 0 THEN
        RAISE EXCEPTION 'ledger transaction % has % entries and differs by % pence', about, sides, difference
        USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION refuse_later_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT posted_in FROM ledger_transactions WHERE id = NEW.transaction_id)
        IS DISTINCT FROM (pg_current_xact_id()::text)::bigint
    THEN
        RAISE EXCEPTION 'ledger transaction % is closed', NEW.transaction_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE FUNCTION stamp_ledger_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.posted_in := (pg_current_xact_id()::text)::bigint;
    RETURN NEW;
END $$
""",
)

TRIGGERS = (
    """CREATE CONSTRAINT TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balances()""",
    """CREATE TRIGGER ledger_entries_with_their_transaction BEFORE INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_later_entry()""",
    """CREATE CONSTRAINT TRIGGER ledger_transactions_balance AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balances()""",
    """CREATE TRIGGER ledger_transactions_stamp BEFORE INSERT ON ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION stamp_ledger_transaction()""",
)

APPEND_ONLY = (
    "claim_steps",
    "ledger_accounts",
    "ledger_entries",
    "ledger_transactions",
)


def upgrade() -> None:
    op.create_table(
        "attendances",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_attendances_registration_id")),
    )
    op.create_table(
        "bank_holidays",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("certainty", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_holidays")),
        sa.UniqueConstraint("on", name=op.f("uq_bank_holidays_on")),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.CheckConstraint("kind IN ('asset', 'liability', 'fund')", name=op.f("ck_ledger_accounts_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_accounts_code")),
    )
    op.create_table(
        "ledger_transactions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=True),
        sa.Column("assembly_id", sa.Uuid(), nullable=True),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column(
            "posted_in", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        sa.CheckConstraint(
            "kind IN ('budget', 'allocation', 'reserve', 'release', 'approve', 'reverse', 'pay')",
            name=op.f("ck_ledger_transactions_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('approve', 'reverse', 'pay') OR claim_id IS NOT NULL",
            name=op.f("ck_ledger_transactions_claim"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transactions")),
    )
    op.create_index(
        "ix_ledger_transactions_assembly_id",
        "ledger_transactions",
        ["assembly_id"],
        unique=False,
        postgresql_where=sa.text("assembly_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ledger_transactions_claim_id",
        "ledger_transactions",
        ["claim_id"],
        unique=False,
        postgresql_where=sa.text("claim_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_ledger_transactions_occurred_on"), "ledger_transactions", ["occurred_on"], unique=False)
    op.create_index(
        "uq_ledger_transactions_once_per_claim",
        "ledger_transactions",
        ["kind", "claim_id"],
        unique=True,
        postgresql_where=sa.text("kind IN ('approve', 'reverse', 'pay')"),
    )
    op.create_table(
        "payees",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payees")),
        sa.UniqueConstraint("person_id", name=op.f("uq_payees_person_id")),
    )
    op.create_table(
        "payment_runs",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("execute_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'released', 'settled', 'cancelled')", name=op.f("ck_payment_runs_status")
        ),
        sa.CheckConstraint(
            "status NOT IN ('released', 'settled') OR released_by IS NOT NULL",
            name=op.f("ck_payment_runs_released_by_someone"),
        ),
        sa.CheckConstraint("pence > 0 AND claims > 0", name=op.f("ck_payment_runs_more_than_nothing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_runs")),
        sa.UniqueConstraint("message_id", name=op.f("uq_payment_runs_message_id")),
    )
    op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("allocated_pence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("allocated_pence BETWEEN 0 AND pence", name=op.f("ck_programmes_within_award")),
        sa.CheckConstraint("pence >= 0", name=op.f("ck_programmes_not_negative")),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_programmes_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
    )
    op.create_table(
        "rate_cards",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hour_pence", sa.BigInteger(), nullable=False),
        sa.Column("half_day_pence", sa.BigInteger(), nullable=False),
        sa.Column("day_pence", sa.BigInteger(), nullable=False),
        sa.Column("half_day_minutes", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.Column("certainty", sa.String(length=200), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("daterange(effective_from, effective_to, '[]')"), "&&"),
            using="gist",
            name="ex_rate_cards_one_at_a_time",
        ),
        sa.CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name=op.f("ck_rate_cards_days")),
        sa.CheckConstraint("half_day_minutes BETWEEN 60 AND 720", name=op.f("ck_rate_cards_half_day")),
        sa.CheckConstraint(
            "hour_pence <= half_day_pence AND half_day_pence <= day_pence",
            name=op.f("ck_rate_cards_longer_is_not_less"),
        ),
        sa.CheckConstraint(
            "hour_pence >= 0 AND half_day_pence >= 0 AND day_pence >= 0", name=op.f("ck_rate_cards_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_cards")),
    )
    op.create_table(
        "bank_messages",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("posted_by", sa.Uuid(), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["payment_runs.id"], name=op.f("fk_bank_messages_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_messages")),
        sa.UniqueConstraint("run_id", "sha256", name=op.f("uq_bank_messages_run_id_sha256")),
    )
    op.create_table(
        "budget_years",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pence >= 0", name=op.f("ck_budget_years_not_negative")),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_budget_years_days")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_budget_years_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_years")),
        sa.UniqueConstraint("programme_id", "starts_on", name=op.f("uq_budget_years_programme_id_starts_on")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("debit_pence", sa.BigInteger(), nullable=False),
        sa.Column("credit_pence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(debit_pence = 0) <> (credit_pence = 0)", name=op.f("ck_ledger_entries_one_side")),
        sa.CheckConstraint("debit_pence >= 0 AND credit_pence >= 0", name=op.f("ck_ledger_entries_not_negative")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_entries_account_id")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["ledger_transactions.id"], name=op.f("fk_ledger_entries_transaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(op.f("ix_ledger_entries_account_id"), "ledger_entries", ["account_id"], unique=False)
    op.create_index(op.f("ix_ledger_entries_transaction_id"), "ledger_entries", ["transaction_id"], unique=False)
    op.create_table(
        "payment_files",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["payment_runs.id"], name=op.f("fk_payment_files_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_files")),
        sa.UniqueConstraint("run_id", name=op.f("uq_payment_files_run_id")),
    )
    op.create_table(
        "schemes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=2000), nullable=False),
        sa.Column("cap_pence", sa.BigInteger(), nullable=False),
        sa.Column("reserved_pence", sa.BigInteger(), nullable=False),
        sa.Column("approved_pence", sa.BigInteger(), nullable=False),
        sa.Column("paid_pence", sa.BigInteger(), nullable=False),
        sa.Column("promise_working_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z][a-z0-9_]{1,39}$'", name=op.f("ck_schemes_code")),
        sa.CheckConstraint("paid_pence BETWEEN 0 AND approved_pence", name=op.f("ck_schemes_paid_was_approved")),
        sa.CheckConstraint("promise_working_days BETWEEN 1 AND 60", name=op.f("ck_schemes_promise")),
        sa.CheckConstraint("reserved_pence + approved_pence <= cap_pence", name=op.f("ck_schemes_within_cap")),
        sa.CheckConstraint("reserved_pence >= 0 AND approved_pence >= 0", name=op.f("ck_schemes_not_negative")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_schemes_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemes")),
        sa.UniqueConstraint("code", name=op.f("uq_schemes_code")),
    )
    op.create_table(
        "entitlements",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("rate_card_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("in_question", sa.Boolean(), nullable=False),
        sa.Column("claimed_pence", sa.BigInteger(), nullable=False),
        sa.Column("submitted_claims", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('granted', 'withdrawn')", name=op.f("ck_entitlements_status")),
        sa.CheckConstraint("claimed_pence BETWEEN 0 AND pence", name=op.f("ck_entitlements_claimed_is_entitled")),
        sa.CheckConstraint(
            "pence >= 0 AND minutes >= 0 AND submitted_claims >= 0", name=op.f("ck_entitlements_not_negative")
        ),
        sa.ForeignKeyConstraint(["rate_card_id"], ["rate_cards.id"], name=op.f("fk_entitlements_rate_card_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_entitlements_scheme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlements")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_entitlements_registration_id")),
    )
    op.create_index(op.f("ix_entitlements_assembly_id"), "entitlements", ["assembly_id"], unique=False)
    op.create_index(
        "ix_entitlements_in_question", "entitlements", ["id"], unique=False, postgresql_where=sa.text("in_question")
    )
    op.create_index("ix_entitlements_person_id", "entitlements", ["person_id", "id"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=True),
        sa.Column("scheme_code", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("planned_pence", sa.BigInteger(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("held_pence", sa.BigInteger(), nullable=False),
        sa.Column("approved_pence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status <> 'refused' OR pence + approved_pence = 0", name=op.f("ck_reservations_refused_holds_nothing")
        ),
        sa.CheckConstraint("status IN ('reserved', 'refused', 'released')", name=op.f("ck_reservations_status")),
        sa.CheckConstraint("approved_pence >= 0 AND planned_pence >= 0", name=op.f("ck_reservations_not_negative")),
        sa.CheckConstraint("held_pence BETWEEN 0 AND pence", name=op.f("ck_reservations_held_is_reserved")),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_reservations_scheme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("assembly_id", name=op.f("uq_reservations_assembly_id")),
    )
    op.create_index(op.f("ix_reservations_scheme_id"), "reservations", ["scheme_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("entitlement_id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("involvement_pence", sa.BigInteger(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("needs_attention", sa.Boolean(), nullable=False),
        sa.Column("bank_reason", sa.String(length=35), nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'paid') = (paid_on IS NOT NULL)", name=op.f("ck_claims_paid_on")),
        sa.CheckConstraint(
            "status IN ('draft', 'returned') OR promised_on IS NOT NULL", name=op.f("ck_claims_promised")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'returned', 'refused', 'approved', 'in_payment', 'paid')",
            name=op.f("ck_claims_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'in_payment', 'paid') OR approved_by IS NOT NULL",
            name=op.f("ck_claims_approved_by_someone"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> person_id", name=op.f("ck_claims_someone_else_approves")
        ),
        sa.CheckConstraint("pence >= 0 AND involvement_pence BETWEEN 0 AND pence", name=op.f("ck_claims_not_negative")),
        sa.ForeignKeyConstraint(["entitlement_id"], ["entitlements.id"], name=op.f("fk_claims_entitlement_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_claims_scheme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_assembly_id"), "claims", ["assembly_id"], unique=False)
    op.create_index(op.f("ix_claims_entitlement_id"), "claims", ["entitlement_id"], unique=False)
    op.create_index("ix_claims_person_id", "claims", ["person_id", "id"], unique=False)
    op.create_index("ix_claims_status", "claims", ["status", "id"], unique=False)
    op.create_table(
        "claim_lines",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('involvement_payment', 'travel', 'replacement_care', 'personal_assistant', 'backfill', 'access_cost', 'device_or_data')",
            name=op.f("ck_claim_lines_kind"),
        ),
        sa.CheckConstraint("pence > 0", name=op.f("ck_claim_lines_more_than_nothing")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_lines_claim_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_lines")),
        sa.UniqueConstraint(
            "claim_id", "position", deferrable=True, initially="DEFERRED", name=op.f("uq_claim_lines_claim_id_position")
        ),
    )
    op.create_table(
        "claim_steps",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("performed_by", sa.Uuid(), nullable=False),
        sa.Column("performed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('claimant', 'approver', 'finance', 'bank')", name=op.f("ck_claim_steps_role")),
        sa.CheckConstraint(
            "step IN ('submitted', 'returned', 'refused', 'approved', 'in_payment', 'payment_stopped', 'payment_refused', 'paid')",
            name=op.f("ck_claim_steps_step"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_steps_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_steps")),
    )
    op.create_index("ix_claim_steps_claim_id", "claim_steps", ["claim_id", "id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("end_to_end_id", sa.String(length=31), nullable=False),
        sa.Column("uetr", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("bank_reason", sa.String(length=35), nullable=True),
        sa.CheckConstraint("status IN ('pending', 'paid', 'refused', 'cancelled')", name=op.f("ck_payments_status")),
        sa.CheckConstraint(
            "created_by <> claimed_by AND created_by <> approved_by AND approved_by <> claimed_by",
            name=op.f("ck_payments_segregation_of_duties"),
        ),
        sa.CheckConstraint("pence > 0", name=op.f("ck_payments_more_than_nothing")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_payments_claim_id")),
        sa.ForeignKeyConstraint(["run_id"], ["payment_runs.id"], name=op.f("fk_payments_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("end_to_end_id", name=op.f("uq_payments_end_to_end_id")),
        sa.UniqueConstraint("uetr", name=op.f("uq_payments_uetr")),
    )
    op.create_index("ix_payments_run_id", "payments", ["run_id", "id"], unique=False)
    op.create_index(
        "uq_payments_one_active_run",
        "payments",
        ["claim_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('pending', 'paid')"),
    )
    op.create_table(
        "claim_reasons",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["claim_steps.id"], name=op.f("fk_claim_reasons_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_reasons")),
        sa.UniqueConstraint("step_id", name=op.f("uq_claim_reasons_step_id")),
    )

    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    raise NotImplementedError("the first schema is not taken back: `make reset` begins with an empty database")
