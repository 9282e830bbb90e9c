from typing import Any
from uuid import UUID

import pytest

from shared import clock
from shared.callers import Caller, Role, person
from shared.events.contracts.engagement import AttendanceRecorded
from shared.persistence.tables import new_id
from tests.engagement.world import EngagementWorld, tomorrow
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody


async def attended(world: EngagementWorld) -> list[AttendanceRecorded]:
    return [event for event in await world.events() if isinstance(event, AttendanceRecorded)]


async def test_attendance_is_published_and_a_correction_has_a_higher_sequence(world: EngagementWorld) -> None:
    assembly, me = await world.open_assembly(), somebody()
    registration = await world.register(assembly, me)
    path, body = f"/v1/assemblies/{assembly}/attendance", {"registration_id": registration["id"], "attended": True}
    assert await world.json(ENGAGEMENT_OFFICER, "POST", path, body) == {"recorded": 1, "changed": 1}
    assert await world.json(ENGAGEMENT_OFFICER, "POST", path, body) == {"recorded": 1, "changed": 0}
    other = person(new_id(), Role.ENGAGEMENT_OFFICER)
    assert await world.json(other, "POST", path, body | {"attended": False}) == {"recorded": 1, "changed": 1}
    first, second = await attended(world)
    assert first == AttendanceRecorded(
        registration_id=UUID(registration["id"]),
        assembly_id=UUID(assembly),
        person_id=me.id,
        attended=True,
        held_on=clock.today(),
        minutes=180,
        scheme="participation",
        recorded_by=ENGAGEMENT_OFFICER.id,
    )
    assert second == first.model_copy(update={"attended": False, "recorded_by": other.id})
    sequences = await world.rows("SELECT sequence FROM outbox WHERE topic = 'engagement.registrations' ORDER BY id")
    assert [row["sequence"] for row in sequences] == [2, 3]
    assert (await world.json(me, "GET", f"/v1/assemblies/{assembly}/registrations/{registration['id']}"))[
        "attended"
    ] is False


async def test_an_attendance_that_a_partners_client_records_names_no_person_as_its_recorder(
    world: EngagementWorld,
) -> None:
    assembly = await world.open_assembly()
    registration = await world.register(assembly, somebody())
    client = Caller(new_id(), "client", scopes=frozenset({"assemblies:write"}))
    body = {"registration_id": registration["id"], "attended": True}
    await world.json(client, "POST", f"/v1/assemblies/{assembly}/attendance", body)
    assert [event.recorded_by for event in await attended(world)] == [None]


async def test_a_list_of_five_hundred_is_recorded_at_once(world: EngagementWorld) -> None:
    assembly = await world.open_assembly(places=500)
    async with world.database.transaction() as uow:
        connection = await uow.session.connection()
        await connection.exec_driver_sql(
            "INSERT INTO registrations (assembly_id, person_id, status, access_needs, entitled) "
            "SELECT $1, gen_random_uuid(), 'registered', '\\x01', false FROM generate_series(1, 500)",
            (assembly,),
        )
    ids = [str(row["id"]) for row in await world.rows("SELECT id FROM registrations")]
    entries = [{"registration_id": id, "attended": n % 10 != 0} for n, id in enumerate(ids)]
    path = f"/v1/assemblies/{assembly}/attendance"
    assert await world.json(ENGAGEMENT_OFFICER, "POST", path, {"attendances": entries}) == {
        "recorded": 500,
        "changed": 500,
    }
    events = await attended(world)
    assert {str(event.registration_id): event.attended for event in events} == {
        entry["registration_id"]: entry["attended"] for entry in entries
    }
    too_many = await world.call(ENGAGEMENT_OFFICER, "POST", path, {"attendances": [*entries, entries[0]]})
    assert too_many.status_code == 422


async def test_a_list_with_one_mistake_records_nothing_and_says_where(world: EngagementWorld) -> None:
    assembly, me, gone = await world.open_assembly(), somebody(), somebody()
    registration, cancelled = await world.register(assembly, me), await world.register(assembly, gone)
    await world.json(gone, "POST", f"/v1/assemblies/{assembly}/registrations/{cancelled['id']}/cancel")
    elsewhere = await world.register(await world.open_assembly(), me)
    ids = [registration["id"], cancelled["id"], elsewhere["id"], str(new_id())]
    entries = [{"registration_id": id, "attended": True} for id in ids]
    path = f"/v1/assemblies/{assembly}/attendance"
    response = await world.call(ENGAGEMENT_OFFICER, "POST", path, {"attendances": entries})
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [
        f"/attendances/{index}/registration_id" for index in (1, 2, 3)
    ]
    twice = await world.call(ENGAGEMENT_OFFICER, "POST", path, {"attendances": [entries[0], entries[0]]})
    assert twice.json()["errors"][0]["pointer"] == "/attendances/1/registration_id"
    alone = await world.call(ENGAGEMENT_OFFICER, "POST", path, entries[1])
    assert alone.json()["errors"][0]["pointer"] == "/registration_id"
    assert await attended(world) == []


async def test_an_officer_is_recorded_by_another_officer(world: EngagementWorld) -> None:
    assembly, other = await world.open_assembly(), person(new_id(), Role.ENGAGEMENT_OFFICER)
    of_person, of_officer = (
        await world.register(assembly, somebody()),
        await world.register(assembly, ENGAGEMENT_OFFICER),
    )
    entries = [{"registration_id": registration["id"], "attended": True} for registration in (of_person, of_officer)]
    path = f"/v1/assemblies/{assembly}/attendance"
    for body, pointer in (
        (entries[1], "/registration_id"),
        ({"attendances": entries}, "/attendances/1/registration_id"),
    ):
        refused = await world.call(ENGAGEMENT_OFFICER, "POST", path, body)
        assert (refused.status_code, refused.json()["title"]) == (403, "Nobody records their own attendance")
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert await attended(world) == []
    assert await world.json(other, "POST", path, {"attendances": entries}) == {"recorded": 2, "changed": 2}
    operation = world.app.openapi()["paths"]["/v1/assemblies/{assembly_id}/attendance"]["post"]
    assert "own-attendance" in operation["responses"]["403"]["content"]["application/problem+json"]["examples"]


async def test_attendance_is_recorded_from_the_day_itself_on(world: EngagementWorld) -> None:
    assembly = await world.open_assembly(tomorrow())
    registration = await world.register(assembly, somebody())
    payload = {"registration_id": registration["id"], "attended": True}
    early = await world.call(ENGAGEMENT_OFFICER, "POST", f"/v1/assemblies/{assembly}/attendance", payload)
    assert (early.status_code, early.json()["title"]) == (409, "This assembly has not been held")


async def test_whoever_has_taken_part_cannot_give_the_place_back(world: EngagementWorld) -> None:
    assembly, me = await world.open_assembly(), somebody()
    registration = await world.register(assembly, me)
    await world.json(
        ENGAGEMENT_OFFICER,
        "POST",
        f"/v1/assemblies/{assembly}/attendance",
        {"registration_id": registration["id"], "attended": True},
    )
    path = f"/v1/assemblies/{assembly}/registrations/{registration['id']}/cancel"
    refused = await world.call(me, "POST", path)
    assert (refused.status_code, refused.json()["title"]) == (409, "This person has taken part")


@pytest.mark.parametrize("attended", ["yes", 1, None])
async def test_attended_is_true_or_false_and_nothing_like_it(world: EngagementWorld, attended: Any) -> None:
    path = f"/v1/assemblies/{await world.open_assembly()}/attendance"
    response = await world.call(
        ENGAGEMENT_OFFICER, "POST", path, {"registration_id": str(new_id()), "attended": attended}
    )
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("caller", "status"),
    [(NOBODY, 401), (somebody(), 403), (person(new_id(), Role.FACILITATOR), 403), (ENGAGEMENT_OFFICER, 404)],
)
async def test_only_an_engagement_officer_records_attendance(
    world: EngagementWorld, caller: Caller, status: int
) -> None:
    payload = {"registration_id": str(new_id()), "attended": True}
    assert (await world.call(caller, "POST", f"/v1/assemblies/{new_id()}/attendance", payload)).status_code == status
