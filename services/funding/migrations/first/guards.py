"""What the database itself refuses: a ledger that is changed or does not balance, and a history that is rewritten."""

from shared.persistence.audit import append_only

NEVER_CHANGED = (
    "ledger_accounts",
    "ledger_transactions",
    "ledger_entries",
    "claim_steps",
    "audit_entries",
    "audit_seals",
)

BALANCES = """
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
"""

STAMPED = """
CREATE FUNCTION stamp_ledger_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.posted_in := (pg_current_xact_id()::text)::bigint;
    RETURN NEW;
END $$
"""

CLOSED = """
CREATE FUNCTION refuse_later_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT posted_in FROM ledger_transactions WHERE id = NEW.transaction_id)
        IS DISTINCT FROM (pg_current_xact_id()::text)::bigint
    THEN
        RAISE EXCEPTION 'ledger transaction % is closed', NEW.transaction_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

STATEMENTS = (
    *(statement for table in NEVER_CHANGED for statement in append_only(table)),
    BALANCES,
    STAMPED,
    CLOSED,
    """CREATE CONSTRAINT TRIGGER ledger_transactions_balance AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balances()""",
    """CREATE CONSTRAINT TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balances()""",
    """CREATE TRIGGER ledger_transactions_stamp BEFORE INSERT ON ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION stamp_ledger_transaction()""",
    """CREATE TRIGGER ledger_entries_with_their_transaction BEFORE INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_later_entry()""",
)
