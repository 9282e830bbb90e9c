"""What holds in every committed state of funding, each as a query that counts what is amiss."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from deploy.engines.postgres import Cluster
from services.funding.payments.iso20022 import pain001
from tests.support.engines import PASSWORD

BOOKS = """
    WITH posted AS (
        SELECT claim_id, assembly_id, kind, sum(e.debit_pence) AS pence
        FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id GROUP BY t.id
    ), balances AS (
        SELECT a.code, coalesce(sum(e.credit_pence - e.debit_pence), 0) AS pence
        FROM ledger_accounts a LEFT JOIN ledger_entries e ON e.account_id = a.id GROUP BY 1
    ), counted AS (
        SELECT * FROM claims WHERE status IN ('submitted', 'approved', 'in_payment', 'paid')
    ), owed AS (
        SELECT * FROM claims WHERE status IN ('approved', 'in_payment', 'paid')
    )
"""
"""The transactions and balances of the ledger, and the claims that hold or are owed money: for each query below."""

INVARIANTS: Mapping[str, str] = {
    "transactions out of balance": """
        SELECT count(*) FROM (SELECT transaction_id FROM ledger_entries GROUP BY 1
        HAVING sum(debit_pence) <> sum(credit_pence)) t
    """,
    "pence owed in the ledger and not in claims, or the reverse": """
        SELECT abs((SELECT pence FROM balances WHERE code = 'payable')
        - (SELECT coalesce(sum(pence), 0) FROM owed WHERE status <> 'paid'))
    """,
    "pence paid in the ledger and not in claims, or the reverse": """
        SELECT abs((SELECT pence FROM balances WHERE code = 'bank')
        - (SELECT coalesce(sum(pence), 0) FROM claims WHERE status = 'paid'))
    """,
    "schemes beyond their cap": """
        SELECT count(*) FROM schemes WHERE reserved_pence + approved_pence > cap_pence OR paid_pence > approved_pence
    """,
    "schemes that differ from the ledger": """
        SELECT count(*) FROM schemes s
        WHERE (SELECT pence FROM balances WHERE code = 'scheme:' || s.code || ':available')
            <> cap_pence - reserved_pence - approved_pence
        OR (SELECT pence FROM balances WHERE code = 'scheme:' || s.code || ':reserved') <> reserved_pence
    """,
    "schemes that differ from their claims and reservations": """
        SELECT count(*) FROM schemes s
        WHERE reserved_pence <> (SELECT coalesce(sum(pence), 0) FROM reservations WHERE scheme_id = s.id)
        OR approved_pence <> (SELECT coalesce(sum(pence), 0) FROM owed WHERE scheme_id = s.id)
        OR paid_pence <> (SELECT coalesce(sum(pence), 0) FROM claims WHERE scheme_id = s.id AND status = 'paid')
    """,
    "programmes whose schemes have more than was allocated": """
        SELECT count(*) FROM programmes p WHERE allocated_pence > pence
        OR allocated_pence <> (SELECT sum(cap_pence) FROM schemes WHERE programme_id = p.id)
    """,
    "reservations held for nothing, or for less than claims need": """
        SELECT count(*) FROM reservations r WHERE held_pence <> (SELECT coalesce(sum(pence), 0) FROM claims
            WHERE assembly_id = r.assembly_id AND status = 'submitted' AND NOT beyond_reservation)
    """,
    "reservations that differ from the ledger": """
        SELECT count(*) FROM reservations r
        WHERE pence <> (SELECT coalesce(sum(pence * CASE kind WHEN 'reserve' THEN 1 WHEN 'reverse' THEN 1
            WHEN 'release' THEN -1 WHEN 'approve' THEN -1 ELSE 0 END), 0) FROM posted
            WHERE assembly_id = r.assembly_id)
    """,
    "claims paid twice": """
        SELECT count(*) FROM (SELECT claim_id FROM posted WHERE kind IN ('pay', 'void') GROUP BY 1
        HAVING sum(CASE kind WHEN 'pay' THEN 1 ELSE -1 END) > 1) t
    """,
    "claims that differ from the ledger": """
        SELECT count(*) FROM claims c
        WHERE (SELECT coalesce(sum(pence * CASE kind WHEN 'approve' THEN 1 ELSE -1 END), 0) FROM posted
            WHERE claim_id = c.id AND kind IN ('approve', 'reverse'))
            <> CASE WHEN status IN ('approved', 'in_payment', 'paid') THEN c.pence ELSE 0 END
        OR (SELECT coalesce(sum(pence * CASE kind WHEN 'pay' THEN 1 ELSE -1 END), 0) FROM posted
            WHERE claim_id = c.id AND kind IN ('pay', 'void')) <> CASE WHEN status = 'paid' THEN c.pence ELSE 0 END
    """,
    "claims whose payments differ from their status": """
        SELECT count(*) FROM claims c
        WHERE (SELECT count(*) FROM payments WHERE claim_id = c.id AND status = 'pending')
            <> (c.status = 'in_payment')::int
        OR (SELECT count(*) FROM payments WHERE claim_id = c.id AND status = 'paid') <> (c.status = 'paid')::int
    """,
    "payments that wait in a run that is over": """
        SELECT count(*) FROM payments p JOIN payment_runs r ON r.id = p.run_id
        WHERE p.status = 'pending' AND r.status NOT IN ('draft', 'released')
    """,
    "runs that differ from their payments": """
        SELECT count(*) FROM payment_runs r WHERE r.status <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM payments p
            WHERE run_id = r.id AND status <> 'cancelled' HAVING count(*) = r.claims AND sum(p.pence) = r.pence)
    """,
    "entitlements that differ from their claims": """
        SELECT count(*) FROM entitlements e
        WHERE claimed_pence + recovered_pence <> (SELECT coalesce(sum(involvement_pence), 0)
            FROM counted WHERE entitlement_id = e.id)
        OR submitted_claims <> (SELECT count(*) FROM counted WHERE entitlement_id = e.id)
        OR paid_pence <> (SELECT coalesce(sum(involvement_pence), 0) FROM claims
            WHERE entitlement_id = e.id AND status = 'paid')
    """,
    "overpayments that are not counted": """
        SELECT count(*) FROM entitlements WHERE overpaid_pence + written_off_pence <> GREATEST(0, paid_pence
            - recovered_pence - CASE WHEN status = 'granted' THEN pence ELSE 0 END)
    """,
    "events that could not be handled": "SELECT count(*) FROM dead_letters",
}


class PaidClaims(dict[str, int]):
    """The claims that the ledger has as paid: their pence, by the reference on the person's bank statement."""


async def broken_invariants(cluster: Cluster) -> tuple[dict[str, int], PaidClaims]:
    """Return how much is amiss in one committed state, by invariant, and what was paid in it."""
    connection = await asyncpg.connect(cluster.url("funding", "funding", PASSWORD))
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            counts = {name: int(await connection.fetchval(BOOKS + query)) for name, query in INVARIANTS.items()}
            paid = await connection.fetch("SELECT id, pence FROM claims WHERE status = 'paid'")
    finally:
        await connection.close()
    books = PaidClaims({pain001.reference(UUID(str(row["id"]))): int(row["pence"]) for row in paid})
    return {name: count for name, count in counts.items() if count}, books
