"""What everyone reads of money: closed months, in sums of enough people."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from services.funding.programme.programme.queries import get_public_budget, get_public_spending
from shared import clock
from shared.callers import Caller, person
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, money
from tests.support.callers import ADMINISTRATOR, APPROVER, CARER, ENGAGEMENT_OFFICER, FINANCE, FUNDING_OFFICER, NOBODY

NEXT_MONTH = clock.today().replace(day=1) + timedelta(days=40)


async def pay(world: FundingWorld, people: int) -> None:
    """Pay so many people 88.10 pounds each for one assembly."""
    assembly = await world.plan_assembly(100_000)
    claims: list[str] = []
    for _ in range(people):
        somebody = person(new_id())
        claims.append(await world.submitted_claim(somebody, await world.attend(somebody, 180, assembly)))
        await world.approve(claims[-1])
    await world.post_bank_message(await world.released_run(*claims))


async def scheme_for(world: FundingWorld, caller: Caller) -> Any:
    [scheme] = (await world.json(caller, "GET", "/v1/schemes"))["items"]
    assert scheme == await world.json(caller, "GET", f"/v1/schemes/{scheme['id']}")
    return scheme


async def public_pence(world: FundingWorld) -> tuple[int, int]:
    """Return what everyone will read next month of all schemes, and of all years."""
    async with world.database.transaction() as uow:
        spending = await get_public_spending(uow.session, NEXT_MONTH)
        budget = await get_public_budget(uow.session, NEXT_MONTH)
    return sum(batch.pence for batches in spending.values() for batch in batches), sum(
        year.paid_pence for year in budget.years
    )


async def test_what_moves_with_every_claim_is_for_staff_and_what_was_paid_for_everyone_until_the_last_closed_month(
    world: FundingWorld,
) -> None:
    before = await scheme_for(world, NOBODY)
    await pay(world, 6)
    assert await scheme_for(world, NOBODY) == before, "this month is not over"
    assert before["paid"] == money(0)
    assert before["paid_until"] == ((clock.today() - timedelta(days=2)).replace(day=1) - timedelta(days=1)).isoformat()
    assert (before["available"], before["reserved"], before["approved"]) == (None, None, None)
    assert (await scheme_for(world, CARER))["available"] is None
    client = Caller(new_id(), "client", scopes=frozenset({"funding:read"}))
    for caller in (FUNDING_OFFICER, ENGAGEMENT_OFFICER, APPROVER, FINANCE, ADMINISTRATOR, client):
        scheme = await scheme_for(world, caller)
        assert (scheme["paid"], scheme["approved"]) == (money(6 * 8_810), money(6 * 8_810))
        assert scheme["paid_until"] == clock.today().isoformat()


@pytest.mark.parametrize(("people", "pence"), [(4, 0), (5, 44_000)])
async def test_a_sum_is_public_from_enough_people_on_and_the_years_add_up_to_the_schemes(
    world: FundingWorld, people: int, pence: int
) -> None:
    await pay(world, people)
    assert await public_pence(world) == (pence, pence)


async def test_what_is_public_is_calculated_once_and_again_with_each_payment_and_month(world: FundingWorld) -> None:
    assert await public_pence(world) == (0, 0)
    await pay(world, 5)
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert await public_pence(world) == (44_000, 44_000)
        assert await public_pence(world) == (44_000, 44_000)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert sum("JOIN claims" in statement for statement in statements) == 1, "all payments are read once"
    assert (await scheme_for(world, NOBODY))["paid"] == money(0), "this month is not over"
    await pay(world, 5)
    assert await public_pence(world) == (88_000, 88_000)


async def test_one_more_payment_does_not_show(world: FundingWorld) -> None:
    await pay(world, 5)
    before = await public_pence(world)
    await pay(world, 1)
    assert await public_pence(world) == before


async def test_the_programme_shows_payments_as_schemes_do(world: FundingWorld) -> None:
    before = await world.json(NOBODY, "GET", "/v1/programme")
    await pay(world, 6)
    assert await world.json(NOBODY, "GET", "/v1/programme") == before
    years = (await world.json(FINANCE, "GET", "/v1/programme"))["years"]
    assert sum(year["paid"]["pence"] for year in years) == 6 * 8_810


async def test_caches_keep_what_everyone_reads_and_nothing_of_staff_and_no_tag_counts_the_claims(
    world: FundingWorld,
) -> None:
    path = f"/v1/schemes/{(await world.scheme())['id']}"
    before = (await world.call(NOBODY, "GET", path)).headers
    await pay(world, 1)
    after = (await world.call(NOBODY, "GET", path)).headers
    assert (before["Cache-Control"], before["Vary"]) == ("public, no-cache", "Authorization, X-API-Key")
    assert before["ETag"] == after["ETag"]
    for address in (path, "/v1/schemes", "/v1/programme"):
        assert (await world.call(FINANCE, "GET", address)).headers["Cache-Control"] == "no-store"
