from shared.callers import Role, person
from shared.persistence.tables import new_id
from tests.evidence.publications.requests.request_factories import (
    ASKER,
    FURTHER,
    OTHER,
    PATH,
    WORDS,
    answer_request,
    ask,
    do,
)
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR, NOBODY


async def test_the_queue_goes_by_urgency_then_by_what_is_due_page_by_page(world: EvidenceWorld) -> None:
    request_ids = [await ask(world, urgency=urgency) for urgency in ("no_hurry", "this_week", "today", "this_week")]
    await do(world, request_ids[1], "assign")
    listed_ids: list[str] = []
    path = f"{PATH}/queue?limit=1"
    while path:
        page = await world.json(EDITOR, "GET", path)
        listed_ids += [request["id"] for request in page["items"]]
        path = (page["next"] or "").removeprefix("http://testserver")
    assert listed_ids == [request_ids[2], request_ids[1], request_ids[3], request_ids[0]]
    own_page = await world.json(EDITOR, "GET", f"{PATH}/queue?mine=true&status=assigned&urgency=this_week")
    assert [record["id"] for record in own_page["items"]] == [request_ids[1]]


async def test_what_was_asked_further_queues_by_when_that_is_due(world: EvidenceWorld) -> None:
    first, second = await ask(world), await ask(world)
    await answer_request(world, first)
    await do(world, first, "reopen", {"question": FURTHER}, by=ASKER)
    assert [request["id"] for request in (await world.json(EDITOR, "GET", f"{PATH}/queue"))["items"]] == [second, first]


async def test_a_command_returns_the_etag_that_the_request_has_afterwards(world: EvidenceWorld) -> None:
    path = f"{PATH}/{await ask(world)}"
    for action in ("assign", "unassign"):
        response = await world.call(EDITOR, "POST", f"{path}/{action}")
        assert response.headers["etag"] == (await world.call(EDITOR, "GET", path)).headers["etag"]


async def test_what_a_colleague_has_in_hand_is_not_taken_from_them(world: EvidenceWorld) -> None:
    colleague = person(new_id(), Role.EVIDENCE_EDITOR)
    request = await ask(world)
    await do(world, request, "assign")
    assert (await world.call(colleague, "POST", f"{PATH}/{request}/assign")).status_code == 409
    await do(world, request, "unassign", by=colleague)
    assert (await do(world, request, "assign", by=colleague))["status"] == "assigned"


async def test_only_staff_see_the_queue_and_only_the_asker_their_own(world: EvidenceWorld) -> None:
    await ask(world)
    assert (await world.call(ASKER, "GET", f"{PATH}/queue")).status_code == 403
    assert len((await world.json(EDITOR, "GET", f"{PATH}/queue"))["items"]) == 1
    assert len((await world.json(ASKER, "GET", f"{PATH}/mine"))["items"]) == 1
    assert (await world.json(OTHER, "GET", f"{PATH}/mine"))["items"] == []
    assert (await world.call(NOBODY, "POST", PATH, {"question": WORDS, "urgency": "today"})).status_code == 401
