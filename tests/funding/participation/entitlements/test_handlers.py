import asyncio
from datetime import date

import pytest

from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.events.event import Event
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, attendance_recorded
from tests.support.callers import CARER


async def published_entitlement_events(world: FundingWorld) -> list[type[Event]]:
    return [type(event) for event in await world.events() if "Entitlement" in type(event).__name__]


async def entitlements(world: FundingWorld) -> list[dict[str, object]]:
    return await world.rows("SELECT status, pence, in_question, version FROM entitlements")


async def test_the_rate_is_that_of_the_day_on_which_it_was_held(world: FundingWorld) -> None:
    for held_on, pence in ((date(2025, 12, 15), 5_000), (date(2025, 12, 16), 5_500)):
        await world.handle(attendance_recorded(CARER, 120, new_id(), held_on=held_on))
        granted = (await world.events())[-1]
        assert isinstance(granted, EntitlementGranted)
        assert granted.pence == pence


async def test_whoever_did_not_attend_gets_no_entitlement(world: FundingWorld) -> None:
    await world.handle(attendance_recorded(CARER, 120, new_id(), attended=False))
    assert await entitlements(world) == []


async def test_a_late_attendance_correction_changes_the_entitlement_once(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 120, new_id())
    correction, id = recorded.model_copy(update={"attended": False}), new_id()
    await world.handle(recorded, sequence=1)
    for repeated in (id, id, new_id()):
        await world.handle(correction, sequence=2, id=repeated)
    assert await published_entitlement_events(world) == [EntitlementGranted, EntitlementWithdrawn]
    assert [(row["status"], row["version"]) for row in await entitlements(world)] == [("withdrawn", 2)]


async def test_events_that_arrive_in_the_wrong_order_leave_the_latest_state(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 120, new_id())
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    await world.handle(recorded, sequence=1)
    assert await entitlements(world) == []
    await world.handle(recorded, sequence=3)
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    assert await published_entitlement_events(world) == [EntitlementGranted]


async def test_the_same_attendance_at_once_grants_one_entitlement(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 120, new_id())
    await asyncio.gather(*(world.handle(recorded, sequence=1) for _ in range(5)))
    assert await published_entitlement_events(world) == [EntitlementGranted]
    assert len(await entitlements(world)) == 1


async def test_a_correction_after_a_claim_is_for_a_funding_officer_to_decide(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (entitlement,) = await world.rows("SELECT id FROM entitlements")
    await world.submitted_claim(CARER, str(entitlement["id"]))
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    assert [(row["status"], row["in_question"]) for row in await entitlements(world)] == [("granted", True)]
    assert await published_entitlement_events(world) == [EntitlementGranted]


async def test_an_attendance_waits_for_a_rate_card_of_its_day(world: FundingWorld) -> None:
    with pytest.raises(PrerequisiteMissing, match="no rate card applies on 2019-01-01"):
        await world.handle(attendance_recorded(CARER, 120, new_id(), held_on=date(2019, 1, 1)))
    assert await world.rows("SELECT * FROM attendances") == []


async def test_an_attendance_waits_for_its_scheme(world: FundingWorld) -> None:
    with pytest.raises(PrerequisiteMissing, match="no scheme"):
        await world.handle(attendance_recorded(CARER, 120, new_id(), scheme="nowhere"))


async def test_everyone_who_recorded_or_corrected_an_attendance_is_remembered_once(world: FundingWorld) -> None:
    first, second, late = new_id(), new_id(), new_id()
    recorded = attendance_recorded(CARER, 120, new_id())
    for sequence, recorder in ((2, first), (3, second), (4, first), (5, None), (1, late)):
        await world.handle(recorded.model_copy(update={"recorded_by": recorder}), sequence=sequence)
    (row,) = await world.rows("SELECT recorded_by, last_sequence FROM attendances")
    assert (row["recorded_by"], row["last_sequence"]) == ([first, second, late], 5)
