"""The end of a run: everybody works through their lists, until nothing waits for anybody."""

from tests.faults.money.finance import FinanceClient
from tests.faults.money.staff import ApproverClient, Decision, FundingOfficerClient
from tests.faults.money.stage import APPROVERS, FINANCE, FUNDING_OFFICER, Stage

MAX_ROUNDS = 15


async def work_through_lists(stage: Stage) -> int:
    """Decide, pay and resolve what the lists of the staff show, and nothing else. Returns the rounds that it took."""
    stage.bank.generous = True
    approvers = [ApproverClient(stage, caller) for caller in APPROVERS]
    finance = [FinanceClient(stage, caller) for caller in FINANCE]
    for number in range(1, MAX_ROUNDS + 1):
        before = sum(stage.client.journal.accepted.values())
        await _answer_questions(FundingOfficerClient(stage))
        await _decide_all(stage, approvers)
        await _settle_all(stage, finance)
        await _pay_all(stage, finance, approvers)
        if sum(stage.client.journal.accepted.values()) == before:
            return number
    return MAX_ROUNDS


async def _answer_questions(officer: FundingOfficerClient) -> None:
    client = officer.client
    for entitlement in await client.items(FUNDING_OFFICER, "/v1/entitlements?in_question=true&limit=200"):
        await officer.resolve(entitlement["id"], "corrected")
    for entitlement in await client.items(FUNDING_OFFICER, "/v1/entitlements?overpaid=true&limit=200"):
        await officer.close_overpayment(entitlement, "recovered")
    for claim in await client.items(FUNDING_OFFICER, "/v1/claims?everyone=true&beyond_reservation=true&limit=200"):
        await officer.extend_for(claim["id"])


async def _decide_all(stage: Stage, approvers: list[ApproverClient]) -> None:
    """Approve what is submitted; what neither approver may approve goes back."""
    for claim in await stage.client.items(APPROVERS[0], "/v1/claims?everyone=true&status=submitted&limit=200"):
        if not await _decide(approvers, claim["id"], "approved"):
            await _decide(approvers, claim["id"], "returned")


async def _decide(approvers: list[ApproverClient], claim_id: str, decision: Decision) -> bool:
    for approver in approvers:
        if await approver.decide(claim_id, decision):
            return True
    return False


async def _settle_all(stage: Stage, finance: list[FinanceClient]) -> None:
    client = stage.client
    for run in await client.items(FINANCE[0], "/v1/payment-runs?status=draft&limit=200"):
        if not (await finance[0].command(run["id"], "release") or await finance[1].command(run["id"], "release")):
            await finance[0].command(run["id"], "cancel")
    for run in await client.items(FINANCE[0], "/v1/payment-runs?status=released&limit=200"):
        await finance[0].send_to_bank(run["id"])
    messages, stage.bank.undelivered = stage.bank.undelivered, []
    for message in messages:
        await finance[0].post_message(message)
    for _ in range(2):
        open_runs = [
            *await client.items(FINANCE[0], "/v1/payment-runs?needs_attention=true&limit=200"),
            *await client.items(FINANCE[0], "/v1/payment-runs?status=released&limit=200"),
        ]
        for run in {run["id"]: run for run in open_runs}:
            # Whoever released a run does not resolve it.
            await finance[0].resolve(run)
            await finance[1].resolve(run)


async def _pay_all(stage: Stage, finance: list[FinanceClient], approvers: list[ApproverClient]) -> None:
    """Pay what is approved, also what the bank refused before; an approver takes back what must not be paid."""
    client = stage.client
    for claim in await client.items(FINANCE[0], "/v1/claims?everyone=true&needs_attention=true&limit=200"):
        if claim["status"] == "approved":
            await finance[0].make_run(claim["id"])
    answer = await finance[1].make_run()
    left_out = [entry["claim_id"] for entry in answer.get("left_out", ())]
    named = [error["detail"].partition(":")[0] for error in answer.get("errors", ())]
    for claim_id in [*left_out, *named]:
        await _decide(approvers, claim_id, "returned")
