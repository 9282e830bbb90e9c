"""Chapter 3: an assembly with reserved funding, and a carer who is paid for taking part."""

import asyncio
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from deploy.demo import bank
from deploy.demo.client import PublicClient, RequestRefused, poll_until
from deploy.story.narration import Narrator
from deploy.story.people import People, StoryFacts
from shared import clock

MINUTES = 180
SECONDS_TO_END = 3
"""More than the request takes that says so."""


class MeetingTimes(NamedTuple):
    """A day, a time of it at which a meeting has not ended yet, and an earlier one at which it has."""

    held_on: date
    planned: time
    actual: time


def meeting_times(now: datetime) -> MeetingTimes:
    """Return times at which people can register now, and after which their attendance can be recorded now."""
    actual = (now - timedelta(minutes=MINUTES)).astimezone(clock.LONDON).replace(microsecond=0)
    under_way = (now - timedelta(hours=1)).astimezone(clock.LONDON).replace(microsecond=0)
    planned = under_way.time() if under_way.date() == actual.date() else time(23, 59, 59)
    return MeetingTimes(actual.date(), planned, actual.time())


async def hold_assembly_and_pay(people: People, narrator: Narrator, facts: StoryFacts) -> None:
    narrator.chapter("3. An assembly, paid for")
    await _hold_assembly(people, narrator, facts)
    await _claim(people, narrator, facts)
    await _pay(people, narrator, facts)


async def _hold_assembly(people: People, narrator: Narrator, facts: StoryFacts) -> None:
    officer = people.engagement_officer
    times = meeting_times(clock.now())
    planned = await officer.post("/v1/assemblies", plan(facts.topic, times))
    path = f"/v1/assemblies/{planned['id']}"
    narrator.report("An assembly is planned and waits for its funding", path)
    facts.assembly = await poll_until(
        "the funding", lambda: officer.get(path), lambda assembly: assembly["status"] in ("open", "refused")
    )
    if facts.assembly["status"] == "refused":
        raise AssertionError(f"funding was refused: {facts.assembly['refusal']}")
    narrator.report("Funding reserved the cost by event: registration is open", "/v1/schemes")
    attendances: list[dict[str, Any]] = []
    needs = {"carer": ["Step-free entrance"], "practitioner": [], "partner_developer": ["Large print"]}
    for name, access in needs.items():
        person: PublicClient = getattr(people, name)
        registered = await person.post(f"{path}/registrations", {"access_needs": access})
        attendances.append({"registration_id": registered["id"], "attended": name != "partner_developer"})
    narrator.report(f"{len(attendances)} people registered, with what they need to take part")
    await _bring_forward(officer, path)
    narrator.report("The assembly was brought forward and has ended: only from then on attendance is recorded")
    await officer.post(f"{path}/attendance", {"attendances": attendances})
    narrator.report("Two came; the third could not")


async def _bring_forward(officer: PublicClient, path: str) -> None:
    """Move the assembly, so that it ends in a moment, and wait for that: one that would be over by then is refused."""
    ends_at = clock.now().replace(microsecond=0) + timedelta(seconds=SECONDS_TO_END)
    starts_at = (ends_at - timedelta(minutes=MINUTES)).astimezone(clock.LONDON)
    await officer.patch(path, {"starts_at": starts_at.time().isoformat()})
    await asyncio.sleep((ends_at - clock.now()).total_seconds())


def plan(topic: str, times: MeetingTimes) -> dict[str, Any]:
    return {
        "title": "Breaks that work: an assembly of carers and practitioners",
        "topic_id": topic,
        "held_on": times.held_on.isoformat(),
        "starts_at": times.planned.isoformat(),
        "minutes": MINUTES,
        "mode": "in_person",
        "place": "The library, Church Street",
        "places": 40,
        "expected_cost": {"pence": 600_000, "currency": "GBP"},
        "scheme": "participation",
    }


async def _claim(people: People, narrator: Narrator, facts: StoryFacts) -> None:
    carer = people.carer
    assembly = facts.assembly["id"]

    async def entitlement() -> dict[str, Any]:
        page = await carer.get("/v1/entitlements?limit=200")
        no_entitlement: dict[str, Any] = {}
        return next((e for e in page["items"] if e["assembly_id"] == assembly), no_entitlement)

    granted = await poll_until("the entitlement", entitlement, bool)
    narrator.report(
        f"Funding granted the carer {_pounds(granted['amount'])} at the rate of that day",
        "/v1/entitlements",
        reader="carer",
    )
    await _add_bank_details(carer)
    claim = await carer.post("/v1/claims", {"entitlement_id": granted["id"], "lines": cost_lines(granted)})
    path = f"/v1/claims/{claim['id']}"
    facts.claim = await carer.command(path, "submit")
    total = f"{_pounds(facts.claim['total'])}, promised by {facts.claim['promised_on']}"
    narrator.report(f"The carer claimed for her time, the bus and replacement care: {total}", path, reader="carer")


async def _add_bank_details(carer: PublicClient) -> None:
    details = {"account_name": "A Carer", "sort_code": "04-00-04", "account_number": "12345678"}
    try:
        await carer.post("/v1/payees", details, idempotent=True)
    except RequestRefused as error:
        if error.status != 409:
            raise


def cost_lines(entitlement: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the carer claims. Told twice within hours, the story has two meetings at once, paid as one."""
    involvement, day = entitlement["amount"], entitlement["held_on"]
    bus, sitter = {"pence": 560, "currency": "GBP"}, {"pence": 6_400, "currency": "GBP"}
    time_given = [{"kind": "involvement_payment", "amount": involvement, "on": day}] if involvement["pence"] else []
    return [
        *time_given,
        {"kind": "travel", "description": "Bus there and back", "amount": bus, "on": day},
        {"kind": "replacement_care", "description": "Four hours of a sitter", "amount": sitter, "on": day},
    ]


async def _pay(people: People, narrator: Narrator, facts: StoryFacts) -> None:
    path = f"/v1/claims/{facts.claim['id']}"
    # Told twice on one day, the story has the same bus in two claims: an approver looks at the other one.
    same = {duplicate["claim_id"] for duplicate in (await people.approver.get(path))["possible_duplicates"]}
    await people.approver.command(path, "decisions", {"decision": "approved", "duplicates_checked": sorted(same)})
    narrator.report("Someone else approved it", path, reader="approver")
    run = await people.finance.post("/v1/payment-runs", {}, idempotent=True)
    run_path = f"/v1/payment-runs/{run['id']}"
    await people.second_finance.command(run_path, "release")
    pain001 = await people.second_finance.send("GET", f"{run_path}/file")
    narrator.report(
        f"Finance, a third, made a payment run; a fourth released it: a pain.001 file of {len(pain001):,} bytes",
        f"{run_path}/file",
        reader="second-finance",
    )
    await people.finance.post_xml("/v1/bank-messages", bank.status_report(pain001))
    facts.run = await people.finance.get(run_path)
    facts.claim = await poll_until(
        "the payment", lambda: people.carer.get(path), lambda claim: claim["status"] == "paid"
    )
    narrator.report(f"The bank confirmed; the carer sees {_pounds(facts.claim['total'])} as paid", path, reader="carer")
    facts.proof = await people.finance.get("/v1/ledger/proof")
    narrator.report("The ledger balances to the penny", "/v1/ledger/proof", reader="finance")


def _pounds(money: dict[str, Any]) -> str:
    return f"£{money['pence'] // 100:,}.{money['pence'] % 100:02d}"
