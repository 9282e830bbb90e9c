import asyncio
from datetime import date, time

import pytest

from services.funding.participation.entitlements.handlers import grant_entitlement_for_attendance
from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.events.event import Event
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, attendance_recorded
from tests.support.callers import CARER, PRACTITIONER, somebody


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


async def test_three_meetings_at_once_are_paid_as_one_and_each_says_so(world: FundingWorld) -> None:
    for starts_at, minutes in ((time(9), 300), (time(10), 300), (time(10), 241)):
        await world.handle(attendance_recorded(CARER, minutes, new_id(), starts_at=starts_at))
    rows = (await world.json(CARER, "GET", "/v1/entitlements"))["items"]
    assert [row["amount"]["pence"] for row in rows] == [0, 0, 16_500]
    assert all("at the same time" in row["explanation"] for row in rows)
    await world.handle(attendance_recorded(PRACTITIONER, 300, new_id(), starts_at=time(9)))
    assert [row["pence"] for row in await entitlements(world)][-1] == 16_500, "others are paid their own"


async def test_attendances_of_one_person_that_are_handled_at_once_are_not_all_paid_in_full(world: FundingWorld) -> None:
    await asyncio.gather(
        *(world.handle(attendance_recorded(CARER, 300, new_id(), starts_at=time(9))) for _ in range(6))
    )
    assert sorted(row["pence"] for row in await world.rows("SELECT pence FROM entitlements")) == [0] * 5 + [16_500]


async def test_an_attendance_waits_for_another_of_its_person_that_is_being_handled(world: FundingWorld) -> None:
    async with world.database.transaction() as uow:
        await grant_entitlement_for_attendance(attendance_recorded(CARER, 300, new_id(), starts_at=time(9)), uow)
        await uow.flush_events()
        waiting = asyncio.create_task(world.handle(attendance_recorded(CARER, 300, new_id(), starts_at=time(10))))
        await world.handle(attendance_recorded(PRACTITIONER, 300, new_id(), starts_at=time(9)))
        done, _ = await asyncio.wait([waiting], timeout=0.5)
        assert not done
    await waiting
    assert sorted(row["pence"] for row in await world.rows("SELECT pence FROM entitlements")) == [0, 16_500, 16_500]


async def test_a_withdrawal_gives_the_overlapping_meeting_what_it_lacked(world: FundingWorld) -> None:
    first = attendance_recorded(CARER, 300, new_id(), starts_at=time(9))
    await world.handle(first)
    await world.handle(attendance_recorded(CARER, 300, new_id(), starts_at=time(10)))
    await world.handle(first.model_copy(update={"attended": False}), sequence=2)
    assert sorted((row["status"], row["pence"]) for row in await entitlements(world)) == [
        ("granted", 16_500),
        ("withdrawn", 16_500),
    ]
    sums = [event.pence for event in await world.events() if isinstance(event, EntitlementGranted)]
    assert sums == [16_500, 0, 16_500]


async def test_nothing_is_granted_outside_the_years_of_the_programme(world: FundingWorld) -> None:
    with pytest.raises(PrerequisiteMissing, match="the programme does not pay for 2099-01-01"):
        await world.handle(attendance_recorded(CARER, 120, new_id(), held_on=date(2099, 1, 1)))
    assert await entitlements(world) == []


async def test_everyone_who_recorded_or_corrected_an_attendance_is_remembered_once(world: FundingWorld) -> None:
    first, second, late = new_id(), new_id(), new_id()
    recorded = attendance_recorded(CARER, 120, new_id())
    for sequence, recorder in ((2, first), (3, second), (4, first), (5, None), (1, late)):
        await world.handle(recorded.model_copy(update={"recorded_by": recorder}), sequence=sequence)
    (row,) = await world.rows("SELECT recorded_by, last_sequence FROM attendances")
    assert (row["recorded_by"], row["last_sequence"]) == ([first, second, late], 5)


async def test_batches_of_the_same_people_in_another_order_wait_for_each_other_and_do_not_deadlock(
    world: FundingWorld,
) -> None:
    people, assembly = [somebody() for _ in range(4)], new_id()
    batches = [
        [(attendance_recorded(who, 120, assembly), new_id()) for who in order]
        for order in (people, people[::-1], people, people[::-1])
    ]
    await asyncio.gather(*(world.handle_all(batch) for batch in batches))
    assert len(await entitlements(world)) == 16
