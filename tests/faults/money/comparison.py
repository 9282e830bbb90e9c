"""Compare, after a run, what was answered with what is there: funding, engagement, the bank, and the answers."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg

from deploy.engines.postgres import Cluster
from services.funding.payments.iso20022 import pain001
from tests.faults.money.client import AcceptedPost, MoneyClient
from tests.faults.money.invariants import PaidClaims
from tests.faults.money.stage import CLAIMANTS, FINANCE, FUNDING_OFFICER, Stage
from tests.support.engines import PASSWORD

STEPS = {"submit": "submitted", "approved": "approved", "refused": "refused", "returned": "returned"}
UNFINISHED = "SELECT id FROM claims WHERE status NOT IN ('draft', 'returned', 'refused', 'paid')"


async def rows(cluster: Cluster, service: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(cluster.url(service, service, PASSWORD))
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


def paid_before_the_bank(stage: Stage, books: PaidClaims) -> int:
    """Return how many claims the ledger has as paid that the bank never paid."""
    settled = {stage.bank.instructions[id].reference for id in stage.bank.ever_settled}
    return len(books.keys() - settled)


def paid_twice(stage: Stage) -> int:
    """Return how many claims the bank paid more than once, without what came back."""
    return sum(len(instructions) > 1 for instructions in stage.bank.paid().values())


async def differences_from_bank(cluster: Cluster, stage: Stage, books: PaidClaims) -> dict[str, int]:
    paid = {reference: instructions[0].pence for reference, instructions in stage.bank.paid().items()}
    claimants = {
        pain001.reference(UUID(str(row["id"]))): UUID(str(row["person_id"]))
        for row in await rows(cluster, "funding", "SELECT id, person_id FROM claims")
    }
    instructions = stage.bank.instructions.values()
    return {
        "claims that the bank paid and the ledger did not, or the reverse": len(paid.items() ^ books.items()),
        "end-to-end ids used again": stage.bank.repeated_ids,
        "payments to the account of somebody else": sum(
            stage.accounts.get(instruction.account_number) != claimants.get(instruction.reference)
            for instruction in instructions
        ),
    }


async def differences_from_engagement(cluster: Cluster) -> dict[str, int]:
    """Compare what funding knows of attendances with what engagement recorded, and back."""
    attendances = await rows(
        cluster,
        "engagement",
        "SELECT r.id, r.attended, r.entitled, a.minutes, a.held_on, a.starts_at FROM registrations r"
        " JOIN assemblies a ON a.id = r.assembly_id WHERE r.attended IS NOT NULL",
    )
    entitlements = {
        row["registration_id"]: row
        for row in await rows(
            cluster,
            "funding",
            "SELECT registration_id, attendance_minutes, attendance_held_on, attendance_starts_at, status, in_question"
            " FROM entitlements",
        )
    }
    differing = Counter[str]()
    for attendance in attendances:
        entitlement = entitlements.pop(attendance["id"], None)
        recorded = entitlement and tuple(entitlement.values())[1:4]
        attended = (attendance["minutes"], attendance["held_on"], attendance["starts_at"])
        expected = attended if attendance["attended"] else (None, None, None)
        differing["entitlements that differ from the attendance"] += (recorded or (None, None, None)) != expected
        granted = entitlement is not None and entitlement["status"] == "granted"
        differing["entitlements that engagement knows otherwise"] += granted != attendance["entitled"]
    differing["entitlements without an attendance"] += len(entitlements)
    return dict(differing)


async def differences_from_rates(cluster: Cluster) -> dict[str, int]:
    """Compare what people may be paid with the rate of the minutes that they met, where nothing was left as it was.

    Overlapping meetings count once. The rates are those of the first figures for today.
    """
    entitlements = await rows(
        cluster,
        "funding",
        "SELECT person_id, pence, attendance_pence, held_on + starts_at AS start, minutes, status, in_question"
        " FROM entitlements",
    )
    stood = {
        row["person_id"]
        for row in entitlements
        if row["in_question"] or row["attendance_pence"] != (row["pence"] if row["status"] == "granted" else None)
    }
    people: dict[Any, list[tuple[int, int, int]]] = {}
    for row in entitlements:
        if row["person_id"] not in stood and row["status"] == "granted":
            start = int(row["start"].timestamp()) // 60
            second = row["start"].second
            people.setdefault(row["person_id"], []).append((start * 60 + second, row["minutes"] * 60, row["pence"]))
    return {"people whose meetings are not at their rate": sum(_differs(meetings) for meetings in people.values())}


def _differs(meetings: Iterable[tuple[int, int, int]]) -> bool:
    """Return whether the pence of a person's meetings are not those of the times in which they met."""
    expected = total = 0
    start = end = None
    for begin, seconds, pence in sorted(meetings):
        total += pence
        if start is None or end is None or begin >= end:
            expected += _rate((end - start) // 60) if start is not None and end is not None else 0
            start, end = begin, begin + seconds
        else:
            end = max(end, begin + seconds)
    if start is not None and end is not None:
        expected += _rate((end - start) // 60)
    return total != expected


def _rate(minutes: int) -> int:
    return 16_500 if minutes > 240 else min(-(-minutes // 60) * 2_750, 8_250)


async def differences_from_answers(cluster: Cluster, posts: Iterable[AcceptedPost]) -> dict[str, int]:
    """Compare the history of each claim with what was accepted, and what was made with what is there."""
    posts = list(posts)
    answered = Counter(
        (post.path.split("/")[3], STEPS[post.kind.rsplit("/", 1)[-1].rsplit(" ", 1)[-1]])
        for post in posts
        if post.path.endswith(("/submit", "/decisions"))
    )
    history = Counter(
        {
            (str(row["claim_id"]), str(row["step"])): int(row["count"])
            for row in await rows(
                cluster,
                "funding",
                "SELECT claim_id, step, count(*) FROM claim_steps"
                " WHERE step IN ('submitted', 'approved', 'refused', 'returned') GROUP BY 1, 2",
            )
        }
    )
    return {
        "accepted steps that are lost": sum((answered - history).values()),
        "steps that nobody was answered": sum((history - answered).values()),
        "accepted rows that are lost": await _lost_rows(cluster, posts),
        "accepted attendances that are lost": await _lost_attendances(cluster, posts),
    }


async def _lost_rows(cluster: Cluster, posts: Iterable[AcceptedPost]) -> int:
    """Return how many of the rows that an answer names were never made, or twice."""
    lost = 0
    for service in ("engagement", "funding"):
        made = Counter(
            str(row["subject"])
            for row in await rows(cluster, service, "SELECT subject FROM audit_entries WHERE action = 'created'")
        )
        created = [post.response.body for post in posts if post.service == service and post.response.status == 201]
        lost += sum(made[body["id"]] != 1 for body in created)
    return lost


async def _lost_attendances(cluster: Cluster, posts: Iterable[AcceptedPost]) -> int:
    """Return how many registrations do not have the attendance that was accepted last."""
    accepted: dict[str, bool] = {}
    for post in posts:
        if post.path.endswith("/attendance"):
            body = post.content["json"]
            accepted |= {entry["registration_id"]: entry["attended"] for entry in body.get("attendances", [body])}
    registrations = await rows(cluster, "engagement", "SELECT id, attended FROM registrations")
    recorded = {str(row["id"]): row["attended"] for row in registrations}
    return sum(recorded.get(id) != attended for id, attended in accepted.items())


async def differences_from_payees(stage: Stage) -> dict[str, int]:
    """Compare each person's bank details with those that were accepted last, or may have been."""
    lost = 0
    for caller in CLAIMANTS:
        expected = {number[-3:] for number in stage.possible_accounts.get(caller.id, ())}
        shown = {payee["account_number"][-3:] for payee in await stage.client.items(caller, "/v1/payees")}
        lost += not shown <= expected or bool(expected) != bool(shown)
    return {"accepted bank details that are lost": lost}


async def forgotten_claims(cluster: Cluster, client: MoneyClient) -> tuple[int, int]:
    """Return how many submitted claims are neither paid, refused nor returned, and how many of those no list shows."""
    unfinished = {str(row["id"]) for row in await rows(cluster, "funding", UNFINISHED)}
    shown: set[str] = set()
    for query in ("status=submitted", "needs_attention=true"):
        claims = await client.items(FINANCE[0], f"/v1/claims?everyone=true&{query}&limit=200")
        shown |= {claim["id"] for claim in claims}
    for status in ("draft", "released"):
        for run in await client.items(FINANCE[0], f"/v1/payment-runs?status={status}&limit=200"):
            payments = await client.items(FINANCE[0], f"/v1/payment-runs/{run['id']}/payments?limit=200")
            shown |= {payment["claim_id"] for payment in payments}
    questions = await client.items(FUNDING_OFFICER, "/v1/entitlements?in_question=true&limit=200")
    in_question = {entitlement["id"] for entitlement in questions}
    for claim in await client.items(FINANCE[0], "/v1/claims?everyone=true&status=approved&limit=200"):
        if claim["entitlement_id"] in in_question:
            shown.add(claim["id"])
    return len(unfinished), len(unfinished - shown)
