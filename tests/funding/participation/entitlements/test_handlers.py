import asyncio
from datetime import date

import pytest

from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.events.event import Event
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, attended
from tests.support.callers import CARER


async def told(world: FundingWorld) -> list[type[Event]]:
    return [type(event) for event in await world.events() if "Entitlement" in type(event).__name__]


async def entitlements(world: FundingWorld) -> list[dict[str, object]]:
    return await world.rows("SELECT status, pence, in_question, version FROM entitlements")


async def test_the_rate_is_that_of_the_day_on_which_it_was_held(world: FundingWorld) -> None:
    for held_on, pence in ((date(2025, 12, 15), 5_000), (date(2025, 12, 16), 5_500)):
        await world.hears(attended(CARER, 120, new_id(), held_on=held_on))
        granted = (await world.events())[-1]
        assert isinstance(granted, EntitlementGranted)
        assert granted.pence == pence


async def test_who_did_not_attend_gets_nothing(world: FundingWorld) -> None:
    await world.hears(attended(CARER, 120, new_id(), attended=False))
    assert await entitlements(world) == []


async def test_a_late_attendance_correction_changes_the_entitlement_once(world: FundingWorld) -> None:
    heard = attended(CARER, 120, new_id())
    correction, id = heard.model_copy(update={"attended": False}), new_id()
    await world.hears(heard, sequence=1)
    for repeated in (id, id, new_id()):
        await world.hears(correction, sequence=2, id=repeated)
    assert await told(world) == [EntitlementGranted, EntitlementWithdrawn]
    assert [(row["status"], row["version"]) for row in await entitlements(world)] == [("withdrawn", 2)]


async def test_words_that_come_in_the_wrong_order_leave_what_the_last_one_said(world: FundingWorld) -> None:
    heard = attended(CARER, 120, new_id())
    await world.hears(heard.model_copy(update={"attended": False}), sequence=2)
    await world.hears(heard, sequence=1)
    assert await entitlements(world) == []
    await world.hears(heard, sequence=3)
    await world.hears(heard.model_copy(update={"attended": False}), sequence=2)
    assert await told(world) == [EntitlementGranted]


async def test_the_same_attendance_heard_at_once_gives_one_entitlement(world: FundingWorld) -> None:
    heard = attended(CARER, 120, new_id())
    await asyncio.gather(*(world.hears(heard, sequence=1) for _ in range(5)))
    assert await told(world) == [EntitlementGranted]
    assert len(await entitlements(world)) == 1


async def test_a_correction_after_a_claim_is_for_a_funding_officer_to_decide(world: FundingWorld) -> None:
    heard = attended(CARER, 180, await world.plan(50_000))
    await world.hears(heard)
    (entitlement,) = await world.rows("SELECT id FROM entitlements")
    await world.submitted(CARER, str(entitlement["id"]))
    await world.hears(heard.model_copy(update={"attended": False}), sequence=2)
    assert [(row["status"], row["in_question"]) for row in await entitlements(world)] == [("granted", True)]
    assert await told(world) == [EntitlementGranted]


async def test_a_day_without_a_rate_card_waits_for_one(world: FundingWorld) -> None:
    with pytest.raises(PrerequisiteMissing, match="no rate card holds on 2019-01-01"):
        await world.hears(attended(CARER, 120, new_id(), held_on=date(2019, 1, 1)))
    assert await world.rows("SELECT * FROM attendances") == []


async def test_a_scheme_that_nobody_knows_yet_is_waited_for(world: FundingWorld) -> None:
    with pytest.raises(PrerequisiteMissing, match="no scheme"):
        await world.hears(attended(CARER, 120, new_id(), scheme="nowhere"))
