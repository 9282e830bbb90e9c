import asyncio
from datetime import time, timedelta
from uuid import UUID

import pytest

from shared import clock
from shared.callers import Caller, Role, person
from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.persistence.tables import new_id
from tests.engagement.world import EngagementWorld, tomorrow
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody

NEED = "a BSL interpreter on the left"


async def test_places_are_never_oversold_to_twenty_at_once(world: EngagementWorld) -> None:
    assembly = await world.open_assembly(places=7)
    people = [somebody() for _ in range(20)]
    path = f"/v1/assemblies/{assembly}/registrations"
    responses = await asyncio.gather(*(world.call(caller, "POST", path, {}) for caller in people))
    assert sorted(response.status_code for response in responses) == [201] * 7 + [409] * 13
    assert {a.json()["title"] for a in responses if a.status_code == 409} == {"This assembly is full"}
    view = await world.json(NOBODY, "GET", f"/v1/assemblies/{assembly}")
    assert (view["places"], view["places_left"]) == (7, 0)
    assert len(await world.rows("SELECT 1 FROM registrations")) == 7


async def test_a_person_has_one_registration_however_often_they_click(world: EngagementWorld) -> None:
    assembly, me = await world.open_assembly(), somebody()
    path = f"/v1/assemblies/{assembly}/registrations"
    responses = await asyncio.gather(*(world.call(me, "POST", path, {}) for _ in range(5)))
    assert sorted(response.status_code for response in responses) == [201, 409, 409, 409, 409]
    assert {a.json()["title"] for a in responses if a.status_code == 409} == {"You are registered already"}
    assert (await world.json(ENGAGEMENT_OFFICER, "GET", f"/v1/assemblies/{assembly}"))["places_left"] == 9


async def test_how_many_places_are_taken_is_public_in_steps_and_that_an_assembly_is_full_at_once(
    world: EngagementWorld,
) -> None:
    assembly = await world.open_assembly(places=12)
    left: list[int] = []
    for _ in range(12):
        await world.json(somebody(), "POST", f"/v1/assemblies/{assembly}/registrations", {})
        left.append((await world.json(NOBODY, "GET", f"/v1/assemblies/{assembly}"))["places_left"])
    assert left == [12] * 9 + [2] * 2 + [0]


async def test_no_tag_of_ones_own_registration_counts_the_others(world: EngagementWorld) -> None:
    assembly, me = await world.open_assembly(), somebody()
    path = f"/v1/assemblies/{assembly}"
    registrations = [await world.call(person, "POST", f"{path}/registrations", {}) for person in (me, somebody())]
    mine = f"{path}/registrations/{registrations[0].json()['id']}"
    before = registrations[0].headers["ETag"]
    assert (await world.call(me, "GET", mine)).headers["ETag"] == before, "somebody else took a place"
    place = {"place": "Town hall, Leeds"}
    await world.json(ENGAGEMENT_OFFICER, "PATCH", path, place, **{"If-Match": "*"})
    moved = (await world.call(me, "GET", mine)).headers["ETag"]
    assert moved != before, "where it is held is part of what I read"
    await world.json(me, "POST", f"{mine}/cancel")
    cancelled = (await world.call(me, "GET", mine)).headers["ETag"]
    await world.json(ENGAGEMENT_OFFICER, "PATCH", path, {"place": "Library"}, **{"If-Match": "*"})
    assert cancelled not in (before, moved)
    assert (await world.call(me, "GET", mine)).headers["ETag"] == cancelled, "it shows no place any more"


async def test_a_place_that_is_given_back_is_free_for_somebody_else_and_can_be_taken_again(
    world: EngagementWorld,
) -> None:
    assembly, me, other = await world.open_assembly(places=1), somebody(), somebody()
    registration = await world.register(assembly, me)
    path = f"/v1/assemblies/{assembly}/registrations"
    for _ in range(2):
        cancelled = await world.json(me, "POST", f"{path}/{registration['id']}/cancel")
        assert cancelled["status"] == "cancelled"
    second = await world.register(assembly, other)
    assert (await world.call(me, "POST", path, {})).status_code == 409
    await world.json(other, "POST", f"{path}/{second['id']}/cancel")
    assert (await world.register(assembly, me))["id"] == registration["id"]


async def test_access_needs_are_ciphertext_at_rest_and_nowhere_else(world: EngagementWorld) -> None:
    assembly, me = await world.open_assembly(), somebody()
    await world.register(assembly, me, [NEED])
    await world.json(me, "PUT", "/v1/me/access-needs", {"access_needs": [NEED]}, **{"If-Match": '"0"'})
    whole = await world.everything()
    assert assembly in whole
    assert NEED not in whole
    [row] = await world.rows("SELECT access_needs FROM registrations")
    assert NEED.encode() not in row["access_needs"]
    [entry] = await world.rows("SELECT after FROM audit_entries WHERE kind = 'Registration'")
    assert entry["after"]["access_needs"] == "•"


async def test_the_same_needs_are_never_the_same_ciphertext(world: EngagementWorld) -> None:
    assembly = await world.open_assembly()
    for _ in range(3):
        await world.register(assembly, somebody(), [NEED])
    assert len({row["access_needs"] for row in await world.rows("SELECT access_needs FROM registrations")}) == 3


async def test_access_needs_are_seen_by_the_person_and_engagement_officers_alone(world: EngagementWorld) -> None:
    assembly, me = await world.open_assembly(), somebody()
    registration = await world.register(assembly, me, [NEED])
    path = f"/v1/assemblies/{assembly}/registrations"
    for caller in (me, ENGAGEMENT_OFFICER):
        response = await world.call(caller, "GET", f"{path}/{registration['id']}")
        assert (response.json()["access_needs"], response.headers["Cache-Control"]) == ([NEED], "no-store")
        assert [item["id"] for item in (await world.json(caller, "GET", path))["items"]] == [registration["id"]]
    for caller in (somebody(), person(new_id(), Role.FACILITATOR, Role.ADMINISTRATOR, Role.FINANCE)):
        assert (await world.call(caller, "GET", f"{path}/{registration['id']}")).status_code == 404
        assert (await world.json(caller, "GET", path))["items"] == []
        assert (await world.call(caller, "POST", f"{path}/{registration['id']}/cancel")).status_code == 404
    client = Caller(new_id(), "client", scopes=frozenset({"assemblies:write", "assemblies:read"}))
    for caller, status in ((NOBODY, 401), (client, 403)):
        assert (await world.call(caller, "GET", path)).status_code == status


async def test_whoever_is_registered_reads_how_to_join_until_they_cancel(world: EngagementWorld) -> None:
    link = "https://meet.example/secret-room"
    assembly, me, other = await world.open_assembly(mode="online", place=link), somebody(), somebody()
    first, second = await world.register(assembly, me), await world.register(assembly, other)
    assert first["place"] == link
    path = f"/v1/assemblies/{assembly}/registrations"
    cancelled = await world.json(me, "POST", f"{path}/{first['id']}/cancel")
    assert cancelled["place"] is None
    for caller, registration, link_shown in (
        (me, first, None),
        (other, second, link),
        (ENGAGEMENT_OFFICER, second, link),
    ):
        assert (await world.json(caller, "GET", f"{path}/{registration['id']}"))["place"] == link_shown
        places = {item["id"]: item["place"] for item in (await world.json(caller, "GET", path))["items"]}
        assert places[registration["id"]] == link_shown
    assert (await world.register(assembly, me))["place"] == link


async def test_a_place_that_changes_is_part_of_what_has_changed_for_whoever_comes(world: EngagementWorld) -> None:
    assembly, me = await world.open_assembly(), somebody()
    path = f"/v1/assemblies/{assembly}/registrations/{(await world.register(assembly, me))['id']}"
    first = (await world.call(me, "GET", path)).headers["ETag"]
    assert (await world.call(me, "GET", path, **{"If-None-Match": first})).status_code == 304
    await world.json(
        ENGAGEMENT_OFFICER, "PATCH", f"/v1/assemblies/{assembly}", {"place": "The hall"}, **{"If-Match": "*"}
    )
    moved = await world.call(me, "GET", path, **{"If-None-Match": first})
    assert (moved.status_code, moved.json()["place"]) == (200, "The hall")


async def test_needs_stored_once_are_used_unless_others_are_sent(world: EngagementWorld) -> None:
    me = somebody()
    await world.json(me, "PUT", "/v1/me/access-needs", {"access_needs": ["large print"]}, **{"If-Match": '"0"'})
    registrations = [
        await world.register(await world.open_assembly(), me, needs) for needs in (None, ["quiet room"], [])
    ]
    assert [registration["access_needs"] for registration in registrations] == [["large print"], ["quiet room"], []]


async def test_nobody_registers_after_the_end(world: EngagementWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    assembly = await world.open_assembly(starts_at="23:50", minutes=15)
    path = f"/v1/assemblies/{assembly}/registrations"
    end = clock.in_england(tomorrow() + timedelta(days=1), time(0, 5))
    monkeypatch.setattr(clock, "now", lambda: end - timedelta(seconds=1))
    await world.json(somebody(), "POST", path, {})
    monkeypatch.setattr(clock, "now", lambda: end)
    late = await world.call(somebody(), "POST", path, {})
    assert (late.status_code, late.json()["title"]) == (409, "This assembly is over")
    assert "at 00:05. Look in the list" in late.json()["detail"]


@pytest.mark.parametrize("needs", [["x" * 201], [""], ["a"] * 21, "none", [1]])
async def test_needs_are_a_short_list_of_short_texts(world: EngagementWorld, needs: object) -> None:
    path = f"/v1/assemblies/{await world.open_assembly()}/registrations"
    response = await world.call(somebody(), "POST", path, {"access_needs": needs})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith("/access_needs")


async def test_an_officer_pages_through_the_registrations_by_key_set(world: EngagementWorld) -> None:
    assembly = await world.open_assembly()
    registration_ids = [(await world.register(assembly, somebody()))["id"] for _ in range(5)]
    listed_ids: list[str] = []
    url: str | None = f"/v1/assemblies/{assembly}/registrations?limit=2"
    while url:
        page = await world.json(ENGAGEMENT_OFFICER, "GET", url)
        listed_ids += [item["id"] for item in page["items"]]
        url = page["next"]
    assert listed_ids == registration_ids


async def test_a_registration_shows_whether_an_entitlement_stands_in_whatever_order_events_come(
    world: EngagementWorld,
) -> None:
    assembly, me = await world.open_assembly(), somebody()
    registration = await world.register(assembly, me)
    facts = {"registration_id": registration["id"], "assembly_id": assembly, "person_id": me.id}
    first, second = new_id(), new_id()

    async def entitled() -> bool:
        return (await world.json(me, "GET", f"/v1/assemblies/{assembly}/registrations/{registration['id']}"))[
            "entitled"
        ]

    await world.handle(EntitlementGranted.model_validate(facts | {"entitlement_id": first, "pence": 1}), 1)
    assert await entitled()
    await world.handle(EntitlementGranted.model_validate(facts | {"entitlement_id": second, "pence": 1}), 1)
    await world.handle(EntitlementWithdrawn.model_validate(facts | {"entitlement_id": first}), 2)
    assert await entitled(), "the second one stands"
    await world.handle(EntitlementWithdrawn.model_validate(facts | {"entitlement_id": second}), 2)
    await world.handle(EntitlementGranted.model_validate(facts | {"entitlement_id": second, "pence": 1}), 1)
    assert not await entitled(), "an older event changes nothing"


async def test_an_entitlement_of_an_unknown_registration_is_tried_again(world: EngagementWorld) -> None:
    ids = {name: new_id() for name in ("entitlement_id", "registration_id", "assembly_id", "person_id")}
    with pytest.raises(Exception, match="does not know this registration"):
        await world.handle(EntitlementGranted(**{name: UUID(str(id)) for name, id in ids.items()}, pence=1))
