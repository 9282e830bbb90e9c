from tests.engagement.world import EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody

PATH = "/v1/me/access-needs"


async def test_needs_are_stored_once_changed_with_their_version_and_seen_by_oneself_alone(
    world: EngagementWorld,
) -> None:
    me = somebody()
    nothing = await world.call(me, "GET", PATH)
    assert (nothing.json(), nothing.headers["ETag"]) == ({"access_needs": []}, '"0"')
    first = await world.call(me, "PUT", PATH, {"access_needs": ["large print"]}, **{"If-Match": '"0"'})
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    again = await world.call(me, "PUT", PATH, {"access_needs": ["quiet room"]}, **{"If-Match": '"1"'})
    assert (again.status_code, again.headers["ETag"]) == (200, '"2"')
    response = await world.call(me, "GET", PATH)
    assert (response.json(), response.headers["Cache-Control"]) == ({"access_needs": ["quiet room"]}, "no-store")
    assert (await world.json(ENGAGEMENT_OFFICER, "GET", PATH))["access_needs"] == []


async def test_a_change_needs_the_version_and_a_person(world: EngagementWorld) -> None:
    me, body = somebody(), {"access_needs": ["large print"]}
    assert (await world.call(me, "PUT", PATH, body)).status_code == 428
    assert (await world.call(me, "PUT", PATH, body, **{"If-Match": '"1"'})).status_code == 412
    assert (await world.call(NOBODY, "PUT", PATH, body, **{"If-Match": "*"})).status_code == 401
