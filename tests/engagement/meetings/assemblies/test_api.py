from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared import clock
from shared.callers import Caller, Role, person
from shared.events.contracts.engagement import AssemblyPlanned, RegistrationOpened
from shared.events.contracts.evidence import TopicPriorityChanged
from shared.events.contracts.funding import FundingRefused, FundingReserved
from shared.persistence.tables import new_id
from tests.engagement.world import EngagementWorld, tomorrow
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody

LINK = "https://meet.example/secret-room"


async def test_an_assembly_waits_for_its_money_and_opens_by_event(world: EngagementWorld) -> None:
    planned = await world.plan_assembly(tomorrow())
    assembly = UUID(planned["id"])
    assert (planned["status"], planned["places_left"]) == ("awaiting_funding", 10)
    [event] = [event for event in await world.events() if isinstance(event, AssemblyPlanned)]
    assert (event.assembly_id, event.expected_cost_pence, event.scheme) == (assembly, 100_000, "participation")
    early = await world.call(somebody(), "POST", f"/v1/assemblies/{assembly}/registrations", {})
    assert (early.status_code, early.json()["title"]) == (409, "Nobody can register for this assembly")
    reserved = FundingReserved(assembly_id=assembly, reservation_id=new_id(), pence=100_000)
    await world.handle(reserved)
    await world.handle(reserved, 2)
    assert (await world.json(NOBODY, "GET", f"/v1/assemblies/{assembly}"))["status"] == "open"
    opened = [event for event in await world.events() if isinstance(event, RegistrationOpened)]
    assert opened == [RegistrationOpened(assembly_id=assembly)]


async def test_a_refusal_is_told_to_whoever_looks_or_wants_to_register(world: EngagementWorld) -> None:
    planned = await world.plan_assembly()
    path = f"/v1/assemblies/{planned['id']}"
    why = FundingRefused(assembly_id=UUID(planned["id"]), reason="scheme_exhausted", available_pence=5)
    await world.handle(why)
    assembly = await world.json(NOBODY, "GET", path)
    assert assembly["status"] == "refused"
    assert "has less left than the £" in assembly["refusal"], "not how much: that moves with every claim"
    late = await world.call(somebody(), "POST", f"{path}/registrations", {})
    assert "has less left than" in late.json()["detail"]


async def test_money_for_an_unknown_assembly_is_tried_again_and_not_lost(world: EngagementWorld) -> None:
    reserved = FundingReserved(assembly_id=new_id(), reservation_id=new_id(), pence=1)
    with pytest.raises(Exception, match="does not know this assembly"):
        await world.handle(reserved)
    assert await world.rows("SELECT 1 FROM inbox") == []


async def test_the_same_event_twice_changes_nothing_the_second_time(world: EngagementWorld) -> None:
    planned = await world.plan_assembly()
    reserved = FundingReserved(assembly_id=UUID(planned["id"]), reservation_id=new_id(), pence=1)
    same = new_id()
    for _ in range(2):
        await world.handle(reserved, id=same)
    [row] = await world.rows("SELECT version FROM assemblies")
    assert row["version"] == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"topic_id": str(new_id())}, "/topic_id"),
        ({"held_on": "2020-01-01"}, "/held_on"),
        ({"held_on": "0001-01-01"}, "/held_on"),
        ({"held_on": "9999-12-31", "minutes": 1440}, "/held_on"),
        ({"place": None}, "/place"),
        ({"places": 0}, "/places"),
        ({"expected_cost": {"pence": 1.5, "currency": "GBP"}}, "/expected_cost/pence"),
        ({"expected_cost": {"pence": 1, "currency": "EUR"}}, "/expected_cost/currency"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_with_a_pointer(
    world: EngagementWorld, change: dict[str, Any], pointer: str
) -> None:
    plan = {
        **{
            "title": "x",
            "topic_id": await world.topic(),
            "held_on": tomorrow().isoformat(),
            "starts_at": "10:30",
            "minutes": 60,
        },
        **{"mode": "in_person", "place": "y", "places": 1, "expected_cost": {"pence": 1}, "scheme": "participation"},
    }
    response = await world.call(ENGAGEMENT_OFFICER, "POST", "/v1/assemblies", plan | change)
    assert (response.status_code, [error["pointer"] for error in response.json()["errors"]]) == (422, [pointer])


async def test_the_hour_is_that_of_england_and_has_no_zone(world: EngagementWorld) -> None:
    planned = await world.plan_assembly()
    path = f"/v1/assemblies/{planned['id']}"
    for hour in ("10:30Z", 37_800, "37800", "10:30\n"):
        refused = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"starts_at": hour}, **{"If-Match": "*"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/starts_at")
        assert "without a zone, as in 10:30" in refused.json()["errors"][0]["detail"]


async def test_what_costs_nothing_can_change_and_says_which_version(world: EngagementWorld) -> None:
    path = f"/v1/assemblies/{await world.open_assembly()}"
    etag = (await world.call(ENGAGEMENT_OFFICER, "GET", path)).headers["ETag"]
    assert (await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"starts_at": "11:00"})).status_code == 428
    changed = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"starts_at": "11:00"}, **{"If-Match": etag})
    assert (changed.status_code, changed.json()["starts_at"]) == (200, "11:00:00")
    stale = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"starts_at": "12:00"}, **{"If-Match": etag})
    assert stale.status_code == 412
    for patch, pointer in (({"place": None}, "/place"), ({"title": None}, "/title"), ({"places": 99}, "/places")):
        response = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, patch, **{"If-Match": changed.headers["ETag"]})
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_what_is_written_of_an_assembly_can_be_put_right_after_its_day(world: EngagementWorld) -> None:
    path = f"/v1/assemblies/{await world.open_assembly()}"
    await world.hold_assembly(path.rpartition("/")[2])
    body = {"title": "Breaks", "starts_at": "10:30"}
    changed = await world.json(ENGAGEMENT_OFFICER, "PATCH", path, body, **{"If-Match": "*"})
    assert changed["title"] == "Breaks"


async def test_the_time_of_day_stays_once_the_assembly_has_ended(world: EngagementWorld) -> None:
    assembly = await world.open_assembly()
    path, later = f"/v1/assemblies/{assembly}", {"starts_at": "11:00"}
    await world.json(ENGAGEMENT_OFFICER, "PATCH", path, later, **{"If-Match": "*"})
    await world.hold_assembly(assembly)
    refused = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"starts_at": "12:00"}, **{"If-Match": "*"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/starts_at")
    assert (await world.json(NOBODY, "GET", path))["starts_at"] == "11:00:00"


async def test_a_time_that_has_passed_cannot_be_given_so_that_nobody_is_paid_before_the_assembly(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assembly = await world.open_assembly()
    moment = clock.in_england(tomorrow(), time(9))
    monkeypatch.setattr(clock, "now", lambda: moment)
    path = f"/v1/assemblies/{assembly}"
    passed = await world.call(ENGAGEMENT_OFFICER, "PATCH", path, {"starts_at": "06:00"}, **{"If-Match": "*"})
    assert (passed.status_code, passed.json()["errors"][0]["pointer"]) == (422, "/starts_at")
    running = await world.json(ENGAGEMENT_OFFICER, "PATCH", path, {"starts_at": "06:01"}, **{"If-Match": "*"})
    assert running["starts_at"] == "06:01:00"


async def test_a_topics_priority_is_shown_and_is_part_of_what_has_changed(world: EngagementWorld) -> None:
    planned = await world.plan_assembly()
    path, topic = f"/v1/assemblies/{planned['id']}", UUID(planned["topic"]["id"])
    first = await world.call(NOBODY, "GET", path)
    assert first.json()["topic"] == {"id": str(topic), "name": "Breaks for carers", "priority": None}
    unchanged = await world.call(NOBODY, "GET", path, **{"If-None-Match": first.headers["ETag"]})
    await world.handle(TopicPriorityChanged(topic_id=topic, priority=71, by="survey", source_id=new_id()), 2)
    changed = await world.call(NOBODY, "GET", path, **{"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, changed.status_code) == (304, 200)
    assert changed.json()["topic"]["priority"] == 71


async def test_how_an_online_assembly_is_joined_is_not_public(world: EngagementWorld) -> None:
    path = f"/v1/assemblies/{await world.open_assembly(mode='online', place=LINK)}"
    writing = Caller(new_id(), "client", scopes=frozenset({"assemblies:write"}))
    reading = Caller(new_id(), "client", scopes=frozenset({"assemblies:read"}))
    public = [(NOBODY, None), (somebody(), None), (person(new_id(), Role.FACILITATOR), None), (reading, None)]
    for caller, place in (*public, (ENGAGEMENT_OFFICER, LINK), (writing, LINK)):
        assert (await world.json(caller, "GET", path))["place"] == place
        [item] = (await world.json(caller, "GET", "/v1/assemblies"))["items"]
        assert item["place"] == place
    before = (await world.call(NOBODY, "GET", path)).headers["ETag"]
    signed_in = await world.call(ENGAGEMENT_OFFICER, "GET", path, **{"If-None-Match": before})
    assert (signed_in.status_code, signed_in.json()["place"]) == (200, LINK)
    changed = await world.call(
        ENGAGEMENT_OFFICER, "PATCH", path, {"title": "x"}, **{"If-Match": signed_in.headers["ETag"]}
    )
    assert (changed.status_code, changed.json()["place"]) == (200, LINK)


async def test_where_people_meet_in_person_is_public(world: EngagementWorld) -> None:
    assembly = await world.open_assembly()
    assert (await world.json(NOBODY, "GET", f"/v1/assemblies/{assembly}"))["place"] == "The library"


async def test_the_list_pages_by_day_and_can_be_narrowed(world: EngagementWorld) -> None:
    waiting = await world.plan_assembly(tomorrow())
    opened = [await world.open_assembly() for _ in range(3)]
    listed_ids: list[str] = []
    url: str | None = "/v1/assemblies?limit=2&status=open"
    while url:
        page = await world.json(NOBODY, "GET", url)
        listed_ids += [assembly["id"] for assembly in page["items"]]
        url = page["next"]
    assert listed_ids == sorted(opened, reverse=True)
    page = await world.json(NOBODY, "GET", f"/v1/assemblies?topic={waiting['topic']['id']}&count=true")
    assert ([assembly["id"] for assembly in page["items"]], page["total"]) == ([waiting["id"]], 1)


@pytest.mark.parametrize("day", [date(2026, 7, 1), date(2026, 12, 1)], ids=["summer", "winter"])
async def test_upcoming_are_those_that_have_not_ended_by_the_time_of_england(
    world: EngagementWorld, monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    assembly = await world.open_assembly(starts_at="23:30", minutes=60)
    await world.hold_assembly(assembly, day)
    end = clock.in_england(day, time(23, 30)) + timedelta(minutes=60)
    path = "/v1/assemblies?status=open"
    for now, upcoming in ((end - timedelta(seconds=1), [assembly]), (end, [])):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        assert [item["id"] for item in (await world.json(NOBODY, "GET", f"{path}&upcoming=true"))["items"]] == upcoming
        assert [item["id"] for item in (await world.json(NOBODY, "GET", path))["items"]] == [assembly]


@pytest.mark.parametrize(
    ("caller", "status"),
    [(NOBODY, 401), (somebody(), 403), (person(new_id(), Role.FACILITATOR), 403), (ENGAGEMENT_OFFICER, 422)],
)
async def test_only_an_engagement_officer_plans(world: EngagementWorld, caller: Caller, status: int) -> None:
    assert (await world.call(caller, "POST", "/v1/assemblies", {})).status_code == status
