from datetime import timedelta

from sqlalchemy import text

from shared import clock
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

COLLEAGUE = person(new_id(), Role.EVIDENCE_EDITOR)
BOTH = person(new_id(), Role.EVIDENCE_EDITOR, Role.ADMINISTRATOR)


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
    request = await ask(world)
    await do(world, request, "assign")
    assert (await world.call(COLLEAGUE, "POST", f"{PATH}/{request}/assign")).status_code == 409
    assert (await world.call(COLLEAGUE, "POST", f"{PATH}/{request}/unassign")).status_code == 409
    await do(world, request, "unassign")
    assert (await do(world, request, "assign", by=COLLEAGUE))["status"] == "assigned"


async def test_only_staff_see_the_queue_and_only_the_asker_their_own(world: EvidenceWorld) -> None:
    await ask(world)
    assert (await world.call(ASKER, "GET", f"{PATH}/queue")).status_code == 403
    assert len((await world.json(EDITOR, "GET", f"{PATH}/queue"))["items"]) == 1
    assert len((await world.json(ASKER, "GET", f"{PATH}/mine"))["items"]) == 1
    assert (await world.json(OTHER, "GET", f"{PATH}/mine"))["items"] == []
    assert (await world.call(NOBODY, "POST", PATH, {"question": WORDS, "urgency": "today"})).status_code == 401


async def test_whoever_holds_a_question_answers_it_and_only_staff_see_who_it_is(world: EvidenceWorld) -> None:
    request = await ask(world)
    assigned = await do(world, request, "assign")
    assert assigned["held_by"] == str(EDITOR.id)
    assert assigned["held_since"] < assigned["held_until"]
    (queued,) = (await world.json(COLLEAGUE, "GET", f"{PATH}/queue"))["items"]
    assert (queued["held_by"], queued["held_until"]) == (assigned["held_by"], assigned["held_until"])
    own = await world.json(ASKER, "GET", f"{PATH}/{request}")
    assert (own["status"], own["held_by"], own["held_since"], own["held_until"]) == ("assigned", None, None, None)
    problem = await world.problem(COLLEAGUE, "POST", f"{PATH}/{request}/answer", {"answer": "Mine."})
    assert (problem["status"], "hand it over" in problem["detail"]) == (409, True)
    await do(world, await ask(world), "assign", by=COLLEAGUE)
    handed = await world.json(EDITOR, "POST", f"{PATH}/{request}/assign", {"to": str(COLLEAGUE.id)})
    assert handed["held_by"] == str(COLLEAGUE.id)
    assert (await world.call(EDITOR, "POST", f"{PATH}/{request}/answer", {"answer": "Mine."})).status_code == 409
    answered = await do(world, request, "answer", {"answer": "Begin with one hour."}, by=COLLEAGUE)
    assert (answered["status"], answered["held_by"]) == ("answered", None)


async def test_who_is_away_keeps_nobody_waiting(world: EvidenceWorld) -> None:
    first, second = await ask(world), await ask(world, urgency="today")
    for request in (first, second):
        await do(world, request, "assign")
    await do(world, first, "unassign", by=BOTH)
    async with world.database.transaction() as uow:
        await uow.session.execute(text("UPDATE evidence_requests SET assigned_at = now() - interval '5 hours'"))
    answered = await do(world, second, "answer", {"answer": "Begin with one hour."}, by=COLLEAGUE)
    assert answered["status"] == "answered"


async def test_a_question_is_handed_only_to_who_has_acted_as_an_editor_here(world: EvidenceWorld) -> None:
    request, other = await ask(world), await ask(world)
    await do(world, other, "assign", by=COLLEAGUE)
    answerer = person(new_id(), Role.EVIDENCE_EDITOR)
    await do(world, (third := await ask(world)), "answer", {"answer": "Begin with one hour."}, by=answerer)
    await do(world, third, "use", {"used": "not_yet"}, by=ASKER)
    for stranger in (new_id(), ASKER.id, OTHER.id):
        problem = await world.problem(EDITOR, "POST", f"{PATH}/{request}/assign", {"to": str(stranger)})
        assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/to")
    assert (await world.json(EDITOR, "GET", f"{PATH}/{request}"))["held_by"] is None
    for editor in (COLLEAGUE, answerer):
        handed = await do(world, request, "assign", {"to": str(editor.id)}, by=BOTH)
        assert handed["held_by"] == str(editor.id)


async def test_any_editor_frees_what_a_colleague_holds_once_they_have_informed_them(world: EvidenceWorld) -> None:
    request = await ask(world, urgency="no_hurry")
    await do(world, request, "assign")
    path = f"{PATH}/{request}/unassign"
    for body in (None, {}, {"informed": str(COLLEAGUE.id)}):
        problem = await world.problem(COLLEAGUE, "POST", path, body)
        assert (problem["status"], "`informed`" in problem["detail"]) == (409, True)
    freed = await world.json(COLLEAGUE, "POST", path, {"informed": str(EDITOR.id)})
    assert (freed["status"], freed["held_by"]) == ("open", None)
    assert (await do(world, request, "assign", by=COLLEAGUE))["held_by"] == str(COLLEAGUE.id)


async def test_nobody_answers_a_question_that_was_changed_since_they_read_it(world: EvidenceWorld) -> None:
    request = await ask(world)
    path = f"{PATH}/{request}"
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    await world.json(ASKER, "PATCH", path, {"question": FURTHER}, If_Match="*")
    for action, body in (("answer", {"answer": "Mine."}), ("publish", {"question": "What helps at night?"})):
        assert (await world.call(EDITOR, "POST", f"{path}/{action}", body, If_Match=tag)).status_code == 412


async def test_staff_list_questions_of_a_place(world: EvidenceWorld) -> None:
    in_wales = await ask(world, country="GB-WLS", setting="Home care")
    in_scotland = await ask(world, country="GB-SCT")
    await ask(world)
    for query, requests in (
        ("country=GB", [in_wales, in_scotland]),
        ("country=GB-WLS", [in_wales]),
        ("setting=home+care", [in_wales]),
        ("country=GB-SCT&setting=home+care", []),
    ):
        page = await world.json(EDITOR, "GET", f"{PATH}/queue?{query}")
        assert [record["id"] for record in page["items"]] == requests


async def test_staff_list_what_became_of_questions(world: EvidenceWorld) -> None:
    breaks, pay = await world.topic("Breaks"), await world.topic("Pay")
    below = await world.topic("At night", parent=breaks)
    waiting, answered, used, unused = [await ask(world, topics=[topic]) for topic in (breaks, pay, below, pay)]
    for request in (answered, used, unused):
        await answer_request(world, request)
    await do(world, used, "use", {"used": "yes", "what_happened": "She slept."}, by=ASKER)
    await do(world, unused, "use", {"used": "no"}, by=ASKER)

    async def list_ids(query: str) -> list[str]:
        return [record["id"] for record in (await world.json(EDITOR, "GET", f"{PATH}/queue?{query}"))["items"]]

    assert await list_ids("") == [waiting]
    assert await list_ids("status=answered") == [answered]
    assert await list_ids("status=closed") == [unused, used]
    assert await list_ids("used=yes") == await list_ids("what_happened=true") == [used]
    assert await list_ids("what_happened=false") == [unused, answered]
    assert await list_ids(f"status=closed&topic={breaks}") == [used]
    assert await list_ids(f"topic={breaks}") == [waiting]
    assert await list_ids(f"topic={pay}") == []
    today = clock.today()
    assert await list_ids(f"status=closed&from={today}&to={today}") == [unused, used]
    assert await list_ids(f"status=closed&from={today + timedelta(days=1)}") == []
    assert await list_ids(f"status=closed&to={today - timedelta(days=1)}") == []
    assert await list_ids("status=closed&to=9999-12-31") == [unused, used]
    page = await world.json(EDITOR, "GET", f"{PATH}/queue?status=closed&limit=1&count=true")
    assert (page["total"], page["items"][0]["used"]) == (2, "no")
    rest = await world.json(EDITOR, "GET", page["next"].removeprefix("http://testserver"))
    assert rest["items"][0]["what_happened"] == "She slept."
    assert (await world.call(EDITOR, "GET", f"{PATH}/queue?topic={new_id()}")).status_code == 404
    assert (await world.call(EDITOR, "GET", f"{PATH}/queue?state=closed")).status_code == 422
    assert (await world.call(ASKER, "GET", f"{PATH}/queue?status=closed")).status_code == 403


async def test_the_queue_counts_what_a_filter_by_place_leaves_out_because_it_names_none(world: EvidenceWorld) -> None:
    await ask(world, country="GB-WLS", setting="Home care")
    await ask(world, country="GB-SCT")
    await ask(world, setting="Home care", urgency="today")
    await ask(world)
    answered = await ask(world)
    await answer_request(world, answered)
    for query, counts in (
        ("", (None, None)),
        ("country=GB-WLS", (2, None)),
        ("country=GB-WLS&urgency=today", (1, None)),
        ("country=GB-WLS&status=answered", (1, None)),
        ("country=GB-WLS&setting=home+care", (1, 0)),
        ("setting=home+care", (None, 2)),
    ):
        page = await world.json(EDITOR, "GET", f"{PATH}/queue?{query}")
        assert (page["without_country"], page["without_setting"]) == counts, query
    page = await world.json(EDITOR, "GET", f"{PATH}/queue?country=GB&limit=1")
    following = await world.json(EDITOR, "GET", page["next"].removeprefix("http://testserver"))
    assert (page["without_country"], following["without_country"]) == (2, None)


async def test_nobody_takes_or_frees_a_question_that_was_changed_since_they_read_it(world: EvidenceWorld) -> None:
    path = f"{PATH}/{await ask(world)}"
    (queued,) = (await world.json(EDITOR, "GET", f"{PATH}/queue"))["items"]
    assert queued["etag"] == await world.tag(path)
    await world.json(ASKER, "PATCH", path, {"question": FURTHER}, If_Match="*")
    assert (await world.call(EDITOR, "POST", f"{path}/assign", If_Match=queued["etag"])).status_code == 412
    assert (await world.call(EDITOR, "POST", f"{path}/assign", If_Match=await world.tag(path))).status_code == 200
    assert (await world.call(EDITOR, "POST", f"{path}/unassign", If_Match=queued["etag"])).status_code == 412
    assert (await world.call(EDITOR, "POST", f"{path}/unassign", If_Match=await world.tag(path))).status_code == 200
    assert (await world.call(EDITOR, "POST", f"{path}/unpublish", If_Match=queued["etag"])).status_code == 412
