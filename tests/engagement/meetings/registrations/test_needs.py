"""What a person needs at a meeting follows what they save, can be changed for one meeting, and goes with the place."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.callers import Caller
from tests.engagement.world import EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, somebody

SAVED = "/v1/me/access-needs"


async def save(world: EngagementWorld, me: Caller, *needs: str) -> None:
    await world.json(me, "PUT", SAVED, {"access_needs": list(needs)}, **{"If-Match": "*"})


async def save_first(world: EngagementWorld, me: Caller, *needs: str) -> None:
    await world.json(me, "PUT", SAVED, {"access_needs": list(needs)}, **{"If-Match": '"0"'})


async def needs_of(world: EngagementWorld, path: str, who: Caller = ENGAGEMENT_OFFICER) -> tuple[list[str], bool]:
    view = await world.json(who, "GET", path)
    return view["access_needs"], view["own_needs"]


async def register(world: EngagementWorld, me: Caller, needs: list[str] | None = None) -> str:
    """Return the path of a new registration."""
    assembly = await world.open_assembly()
    return f"/v1/assemblies/{assembly}/registrations/{(await world.register(assembly, me, needs))['id']}"


async def test_registrations_follow_what_their_person_saves_but_those_with_needs_of_their_own(
    world: EngagementWorld,
) -> None:
    me, other = somebody(), somebody()
    early = await register(world, me)
    await save_first(world, me, "large print")
    late, own, none = [await register(world, me, needs) for needs in (None, ["quiet room"], [])]
    others = await register(world, other)
    assert await needs_of(world, early) == (["large print"], False)
    read = (await world.call(me, "GET", late)).headers["ETag"]
    await save(world, me, "step-free way in")
    for path in (early, late):
        assert await needs_of(world, path) == (["step-free way in"], False)
    assert (await world.call(me, "GET", late)).headers["ETag"] != read
    assert (await needs_of(world, own), await needs_of(world, none)) == ((["quiet room"], True), ([], True))
    assert await needs_of(world, others) == ([], False)
    assert "step-free" not in await world.everything()


async def test_a_meeting_that_is_over_keeps_what_was_needed_there(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = somebody()
    await save_first(world, me, "large print")
    held = await register(world, me)
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=2))
    await save(world, me, "quiet room")
    assert await needs_of(world, held) == (["large print"], False)
    patch = await world.call(me, "PATCH", held, {"access_needs": []}, **{"If-Match": "*"})
    assert (patch.status_code, patch.json()["title"]) == (409, "This assembly is over")
    assert f"PUT {SAVED}" in patch.json()["detail"]


async def test_the_needs_of_one_registration_are_changed_and_follow_again_with_if_match(
    world: EngagementWorld,
) -> None:
    me = somebody()
    await save_first(world, me, "large print")
    path = await register(world, me)
    body = {"access_needs": ["a seat near the door"]}
    assert (await world.call(me, "PATCH", path, body)).status_code == 428
    tag = (await world.call(me, "GET", path)).headers["ETag"]
    changed = await world.call(me, "PATCH", path, body, **{"If-Match": tag})
    assert (changed.status_code, changed.json()["access_needs"]) == (200, ["a seat near the door"])
    assert (await world.call(me, "PATCH", path, body, **{"If-Match": tag})).status_code == 412
    await save(world, me, "quiet room")
    assert await needs_of(world, path) == (["a seat near the door"], True)
    follows = await world.call(me, "PATCH", path, {"access_needs": None}, **{"If-Match": changed.headers["ETag"]})
    assert (follows.json()["access_needs"], follows.json()["own_needs"]) == (["quiet room"], False)
    assert (await world.call(me, "PATCH", path, {}, **{"If-Match": "*"})).status_code == 422
    assert (await world.call(somebody(), "PATCH", path, body, **{"If-Match": "*"})).status_code == 404
    by_officer = await world.json(ENGAGEMENT_OFFICER, "PATCH", path, {"access_needs": None}, **{"If-Match": "*"})
    assert by_officer["access_needs"] == ["quiet room"]
    assert "seat near the door" not in await world.everything()


@pytest.mark.parametrize("needs", [None, ["a seat near the door"]])
async def test_with_the_place_the_needs_go(world: EngagementWorld, needs: list[str] | None) -> None:
    me = somebody()
    await save_first(world, me, "large print")
    path = await register(world, me, needs)
    cancelled = await world.json(ENGAGEMENT_OFFICER, "POST", f"{path}/cancel")
    assert cancelled["access_needs"] == []
    assert await world.rows("SELECT access_needs FROM registrations") == [{"access_needs": None}]
    await save(world, me, "quiet room")
    assert (await needs_of(world, path))[0] == []
    patch = await world.call(me, "PATCH", path, {"access_needs": ["x"]}, **{"If-Match": "*"})
    assert (patch.status_code, patch.json()["title"]) == (409, "This registration is cancelled")
    registrations = path.rpartition("/")[0]
    assert f"POST {registrations}" in patch.json()["detail"]
    assert (await world.json(me, "POST", registrations, {}))["access_needs"] == ["quiet room"]


async def test_the_database_refuses_needs_of_a_cancelled_registration(world: EngagementWorld) -> None:
    await register(world, somebody())
    async with world.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="cancelled_has_no_needs"):
            await connection.execute(text("UPDATE registrations SET status = 'cancelled'"))


@pytest.mark.parametrize("attempt", range(3))
async def test_a_registration_and_a_change_of_the_saved_needs_at_once_end_with_the_new_ones(
    world: EngagementWorld, attempt: int
) -> None:
    me, assemblies = somebody(), [await world.open_assembly() for _ in range(4)]
    if attempt:
        await save_first(world, me, "large print")
    change = save(world, me, "quiet room") if attempt else save_first(world, me, "quiet room")
    tasks = [world.register(assembly, me) for assembly in assemblies]
    async with asyncio.timeout(20):
        await asyncio.gather(*tasks[:attempt], change, *tasks[attempt:])
    for assembly in assemblies:
        page = (await world.json(me, "GET", f"/v1/assemblies/{assembly}/registrations"))["items"]
        assert [registration["access_needs"] for registration in page] == [["quiet room"]]
