"""What must hold in every state: the books agree with the model, and what people read is true."""

from collections.abc import Iterable
from typing import Any

from shared.callers import Caller
from tests.funding.lifecycle.model import OWED, ModelAssembly, ModelClaim, ModelEntitlement, ModelRun
from tests.funding.lifecycle.person import ModelPerson
from tests.funding.world import FundingWorld

PROMISE = "will be paid by"
DUTIES = """
SELECT 'approver' FROM claims WHERE approved_by = person_id OR approved_by = ANY (attendance_recorded_by)
UNION ALL SELECT 'payment' FROM payments p JOIN payment_runs r ON r.id = p.run_id
    WHERE p.claimed_by IN (p.approved_by, r.created_by, r.released_by, p.resolved_by)
    OR p.approved_by IN (r.created_by, r.released_by, p.resolved_by)
    OR r.released_by IN (r.created_by, p.resolved_by)
UNION ALL SELECT 'message' FROM bank_messages m JOIN payments p ON p.run_id = m.run_id AND p.status <> 'cancelled'
    WHERE m.posted_by IN (p.claimed_by, p.approved_by)
UNION ALL SELECT 'recovery' FROM recoveries WHERE recorded_by = person_id
UNION ALL SELECT 'extension' FROM reservation_extensions x JOIN reservations r ON r.id = x.reservation_id
    JOIN entitlements e ON e.assembly_id = r.assembly_id AND e.person_id = x.extended_by AND e.created_at < x.created_at
"""
"""Everyone who acted in two roles."""
LEDGER_OF_CLAIMS = """
SELECT claim_id::text AS claim,
    sum(CASE WHEN code <> 'bank' THEN 0 WHEN t.kind = 'pay' THEN 1 ELSE -1 END) AS times,
    sum(CASE WHEN code = 'bank' THEN credit_pence - debit_pence ELSE 0 END) AS paid,
    sum(CASE WHEN code = 'payable' THEN credit_pence - debit_pence ELSE 0 END) AS owed
FROM ledger_transactions t
    JOIN ledger_entries e ON e.transaction_id = t.id
    JOIN ledger_accounts a ON a.id = e.account_id
WHERE claim_id IS NOT NULL AND code IN ('bank', 'payable') GROUP BY 1
"""
VERSIONS = " UNION ALL ".join(
    f"SELECT person_id, '{table}', id, version FROM {table}"  # noqa: S608  our own names
    for table in ("entitlements", "claims", "payees")
)
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


async def fingerprint(world: FundingWorld) -> list[Any]:
    """Return what any committed change of any row changes."""
    tables = [row["tablename"] for row in await world.rows(TABLES)]
    counts = [f"SELECT '{table}', count(*), max(xmin::text::bigint) FROM {table}" for table in tables]  # noqa: S608  our own names
    return await world.rows(" UNION ALL ".join(counts))


async def books_agree(
    world: FundingWorld, assemblies: Iterable[ModelAssembly], runs: Iterable[ModelRun], cap: int
) -> None:
    """Compare every row that stands for money with the model, and the ledger with the rows."""
    proof = await world.get_proof()
    assert (proof["balances"], proof["agrees"]) == (True, True), proof
    entitlements = {str(row["id"]): row for row in await world.rows("SELECT * FROM entitlements")}
    claims = {str(row["id"]): row for row in await world.rows("SELECT * FROM claims")}
    reservations = {str(row["assembly_id"]): row for row in await world.rows("SELECT * FROM reservations")}
    payments = await world.rows("SELECT * FROM payments ORDER BY id")
    ledger = {row["claim"]: row for row in await world.rows(LEDGER_OF_CLAIMS)}
    for assembly in assemblies:
        row = reservations.get(str(assembly.id), {"pence": 0, "held_pence": 0, "approved_pence": 0})
        reserved = (row["pence"], row["held_pence"], row["approved_pence"])
        assert reserved == (assembly.reserved, assembly.held, assembly.approved), "reservation"
        for of in assembly.entitlements:
            _entitlement_agrees(entitlements[of.id], of)
        for claim in assembly.claims:
            _claim_agrees(claims[claim.id], claim, ledger.get(claim.id, {"times": 0, "paid": 0, "owed": 0}))
    assert len(claims) == sum(len(assembly.claims) for assembly in assemblies)
    for run in runs:
        stored = [
            (str(row["claim_id"]), row["pence"], row["status"], row["in_doubt"] or "")
            for row in payments
            if str(row["run_id"]) == run.id
        ]
        assert sorted(stored) == sorted((p.claim.id, p.pence, p.status, p.doubt) for p in run.everyone), "payments"
    scheme = await world.scheme()
    committed = (sum(assembly.reserved for assembly in assemblies), sum(assembly.approved for assembly in assemblies))
    assert (scheme["reserved_pence"], scheme["approved_pence"], scheme["cap_pence"]) == (*committed, cap), "scheme"
    assert sum(committed) <= cap, "beyond the cap"
    assert await world.rows(DUTIES) == [], "in two roles"


def _entitlement_agrees(row: dict[str, Any], of: ModelEntitlement) -> None:
    grant = (row["minutes"], row["pence"]) if row["status"] == "granted" else None
    minutes, pence = row["attendance_minutes"], row["attendance_pence"]
    record = None if minutes is None else (minutes, pence)
    assert (grant, record, row["in_question"]) == (of.grant, of.record, of.in_question), "entitlement"
    sums = (row["claimed_pence"], row["paid_pence"] - row["recovered_pence"], row["overpaid_pence"])
    assert sums == (of.claimed, of.paid, of.overpaid), "claimed, paid, overpaid"
    assert of.overpaid + of.written_off >= of.paid - of.entitled, "paid beyond the entitlement, and nobody is told"


def _claim_agrees(row: dict[str, Any], claim: ModelClaim, ledger: dict[str, Any]) -> None:
    facts = (row["status"], row["pence"], row["needs_attention"], row["payment_unclear"], row["beyond_reservation"])
    assert facts == (claim.status, claim.pence, claim.attention, claim.unclear, claim.beyond), "claim"
    assert sum(payment.status == "paid" for payment in claim.payments) <= 1, "paid twice"
    paid = claim.pence if claim.status == "paid" else 0
    owed = claim.pence if claim.status in OWED and claim.status != "paid" else 0
    assert (ledger["times"], ledger["paid"], ledger["owed"]) == (paid > 0, paid, owed), "ledger of the claim"
    assert not paid or [p.pence for p in claim.payments if p.status == "paid"] == [paid], "another sum was paid"


async def person_reads_the_truth(world: FundingWorld, caller: Caller, person: ModelPerson) -> None:
    """Compare what a person reads of their entitlements and claims with the model."""
    entitlements = (await world.json(caller, "GET", "/v1/entitlements?limit=100"))["items"]
    claims = (await world.json(caller, "GET", "/v1/claims?limit=100"))["items"]
    by_id = {of.id: of for of in person.entitlements if of.id}
    assert by_id.keys() == {view["id"] for view in entitlements}
    for view in entitlements:
        _entitlement_is_true(view, by_id[view["id"]])
    own_claims = {claim.id: claim for of in by_id.values() for claim in of.claims}
    assert own_claims.keys() == {view["id"] for view in claims}
    for view in claims:
        _claim_is_true(view, own_claims[view["id"]], person.details)


def _entitlement_is_true(view: dict[str, Any], of: ModelEntitlement) -> None:
    sums = tuple(view[name]["pence"] for name in ("remaining", "claimed", "paid", "overpaid"))
    assert sums == (of.remaining, of.claimed, of.paid, of.overpaid), "what the person reads"
    explanation: str = view["explanation"] or ""
    assert ("decides whether" in explanation) == view["in_question"] == of.in_question
    assert (view["status"] == "withdrawn") == (of.granted is None)
    assert of.granted is not None or of.in_question or "nothing can be claimed" in explanation
    assert ("more was paid than" in explanation) == (of.overpaid > 0)
    assert PROMISE not in explanation


def _claim_is_true(view: dict[str, Any], claim: ModelClaim, details: int) -> None:
    """Nothing is promised that is in question, withdrawn, refused or unclear, and only what was paid is called so."""
    assert (view["status"], view["total"]["pence"]) == (claim.status, claim.pence)
    what_next: str = view["what_next"]
    stopped = claim.open and (not claim.payable or claim.entitlement.unclear)
    attention = stopped or claim.file_in_doubt or claim.awaits_person(details)
    assert view["needs_attention"] == attention, "needs attention"
    promised = claim.open and not stopped and not claim.beyond and not claim.file_in_doubt
    promised = promised and not (claim.status == "approved" and claim.attention)
    assert (PROMISE in what_next) == promised, what_next
    paid = what_next.startswith(("Paid on", "The bank pays you on"))
    assert paid == (claim.status == "paid" and not claim.unclear), what_next
    assert ("do not agree" in what_next) == (claim.unclear or (claim.open and claim.entitlement.unclear)), what_next
