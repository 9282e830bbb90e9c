"""Finance officers: runs, their files, the bank's messages, and what these leave open."""

from typing import Any

from shared.callers import Caller
from tests.faults.money.stage import Stage

ASKED = "Asked the bank by telephone."


class FinanceClient:
    """One finance officer. What they made the other releases."""

    def __init__(self, stage: Stage, caller: Caller) -> None:
        self.stage, self.client, self.caller = stage, stage.client, caller

    async def step(self) -> None:
        steps = [self._make_run, self._release_one, self._send_one, self._deliver_late, self._retry_one, self._resolve]
        await self.stage.chance.choices(steps, weights=(3, 4, 4, 1, 3, 2))[0]()

    async def _make_run(self) -> None:
        approved = await self.client.items(self.caller, "/v1/claims?everyone=true&status=approved&limit=100")
        if approved or self.stage.happens(0.1):
            await self.make_run()

    async def make_run(self, *claims: str) -> Any:
        """Make a run of these claims, or of all that can be paid. Returns the answer."""
        body = {"claims": list(claims)} if claims else None
        return (await self.client.post(self.caller, "/v1/payment-runs", body)).body

    async def _release_one(self) -> None:
        drafts = await self.client.items(self.caller, "/v1/payment-runs?status=draft&limit=100")
        if drafts:
            command = "cancel" if self.stage.happens(0.15) else "release"
            await self.command(self.stage.chance.choice(drafts)["id"], command)

    async def command(self, run_id: str, command: str) -> bool:
        path = f"/v1/payment-runs/{run_id}"
        run = await self.client.get(self.caller, path)
        return (await self.client.post(self.caller, f"{path}/{command}", match=run.etag)).accepted

    async def _send_one(self) -> None:
        runs = await self.client.items(self.caller, "/v1/payment-runs?status=released&limit=100")
        if runs:
            await self.send_to_bank(self.stage.chance.choice(runs)["id"])

    async def send_to_bank(self, run_id: str) -> None:
        """Download the file, upload it to the bank, and post what the bank answers."""
        file = await self.client.get(self.caller, f"/v1/payment-runs/{run_id}/file")
        if file.accepted:
            for message in self.stage.bank.upload(file.body):
                await self.post_message(message)

    async def _deliver_late(self) -> None:
        if message := self.stage.bank.late_message():
            await self.post_message(message)

    async def post_message(self, message: bytes) -> None:
        """Post a message of the bank. What is refused is posted again later."""
        response = await self.client.post(self.caller, "/v1/bank-messages", message)
        if not response.accepted:
            self.stage.bank.undelivered.append(message)

    async def _retry_one(self) -> None:
        """Pay a claim again that the bank refused."""
        claims = await self.client.items(self.caller, "/v1/claims?everyone=true&needs_attention=true&limit=100")
        refused = [claim["id"] for claim in claims if claim["status"] == "approved"]
        if refused:
            await self.make_run(self.stage.chance.choice(refused))

    async def _resolve(self) -> None:
        runs = await self.client.items(self.caller, "/v1/payment-runs?needs_attention=true&limit=100")
        # A lost answer leaves no mark: somebody asks about runs that have waited for some time.
        if not runs or self.stage.happens(0.3):
            runs = await self.client.items(self.caller, "/v1/payment-runs?status=released&limit=100")
        if runs:
            await self.resolve(self.stage.chance.choice(runs)["id"])

    async def resolve(self, run_id: str) -> None:
        """Ask the bank about the payments that are open, and record what it says."""
        path = f"/v1/payment-runs/{run_id}"
        run = await self.client.get(self.caller, path)
        payments = await self.client.items(self.caller, f"{path}/payments?limit=200")
        fates = self.stage.bank.fates
        selected = [payment for payment in payments if payment["end_to_end_id"] in fates and _is_open(payment)]
        if run.body["needs_attention"] and not selected:
            selected = [payment for payment in payments if payment["end_to_end_id"] in fates]
        paid = [payment["id"] for payment in selected if fates[payment["end_to_end_id"]] == "settled"]
        not_paid = [payment["id"] for payment in selected if payment["id"] not in paid]
        etag = run.etag
        if not_paid:
            body = {"payments": not_paid, "outcome": "not_paid", "reason": ASKED}
            etag = (await self.client.post(self.caller, f"{path}/resolve", body, match=etag)).etag or etag
        if paid:
            body = {"payments": paid, "outcome": "paid", "on": run.body["execute_on"], "reason": ASKED}
            await self.client.post(self.caller, f"{path}/resolve", body, match=etag)


def _is_open(payment: dict[str, Any]) -> bool:
    return payment["needs_attention"] or payment["status"] == "pending"
