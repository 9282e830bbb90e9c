import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import (
    EvidenceRequestAnswered,
    EvidenceRequestClosed,
    EvidenceRequestReceived,
    EvidenceRequestWithdrawn,
)
from shared.persistence.tables import new_id
from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.publications.requests.request_factories import (
    ASKER,
    FURTHER,
    OTHER,
    PATH,
    REWORDED,
    WORDS,
    answer_request,
    ask,
    do,
)
from tests.evidence.world import PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY


async def test_a_question_is_answered_used_and_closed_and_each_step_is_told(world: EvidenceWorld) -> None:
    topic = await world.topic()
    item = await world.publish(RESEARCH)
    request = await ask(world, topics=[topic], setting="home care", country="GB-ENG")
    assigned = await do(world, request, "assign")
    answered = await answer_request(world, request, item)
    used = await do(world, request, "use", {"used": "not_yet"}, by=ASKER)
    closed = await do(world, request, "use", {"used": "yes", "what_happened": "She slept."}, by=ASKER)
    assert [assigned["status"], answered["status"], used["status"], closed["status"]] == [
        "assigned",
        "answered",
        "answered",
        "closed",
    ]
    (cited,) = answered["turns"][0]["cites"]
    assert (cited["kind"], cited["id"], cited["edition"], cited["is_published"]) == ("item", item, 1, True)
    assert cited["title"] == RESEARCH["title"]
    assert answered["is_outdated"] is False
    events = [event for event in await world.events() if event.topic == "evidence.requests"]
    assert [type(event) for event in events] == [
        EvidenceRequestReceived,
        EvidenceRequestAnswered,
        EvidenceRequestClosed,
    ]
    assert isinstance(events[0], EvidenceRequestReceived)
    assert (str(events[0].request_id), events[0].urgency) == (request, "this_week")
    assert [str(topic_id) for topic_id in events[0].topic_ids] == [topic]
    assert events[0].needed_by is not None
    assert isinstance(events[1], EvidenceRequestAnswered)
    assert ([str(item_id) for item_id in events[1].item_ids], events[1].within_hours) == ([item], 0)
    assert events[2] == EvidenceRequestClosed(request_id=events[2].key, used=True)


@pytest.mark.parametrize(
    "caller", [NOBODY, OTHER, person(new_id(), Role.ENGAGEMENT_OFFICER), Caller(new_id(), "client")]
)
async def test_nobody_but_the_asker_and_staff_sees_a_request(world: EvidenceWorld, caller: Caller) -> None:
    request = await ask(world)
    await answer_request(world, request)
    assert (await world.call(caller, "GET", f"{PATH}/{request}")).status_code == 404
    assert (await world.json(caller, "GET", PATH))["items"] == []
    for reader in (ASKER, EDITOR):
        assert (await world.json(reader, "GET", f"{PATH}/{request}"))["turns"][0]["question"] == WORDS


async def test_the_asker_sees_when_something_cited_is_withdrawn_or_retracted(world: EvidenceWorld) -> None:
    study = await world.publish(RESEARCH)
    practice = await world.publish(PRACTICE)
    request = await ask(world)
    await answer_request(world, request, study, practice)
    path = f"{PATH}/{request}"
    before = await world.call(ASKER, "GET", path)
    await do(world, request, "publish", {"question": REWORDED})
    await world.json(EDITOR, "POST", f"/v1/evidence/{practice}/withdraw")
    notice = {
        "nature": "retraction",
        "on": "2026-01-02",
        "reasons": ["Data that cannot be relied on"],
        "source": "test",
    }
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", notice)
    after = await world.call(ASKER, "GET", path, **{"If-None-Match": before.headers["etag"]})
    assert (before.json()["is_outdated"], after.status_code) == (False, 200)
    cites = after.json()["turns"][0]["cites"]
    assert after.json()["is_outdated"] is True
    assert [(source["is_published"], source["title"], bool(source["retraction"])) for source in cites] == [
        (True, RESEARCH["title"], True),
        (False, None, False),
    ]
    (public,) = (await world.json(NOBODY, "GET", PATH))["items"]
    assert [source["is_published"] for source in public["cites"]] == [True, False]
    assert PRACTICE["title"] not in str(public)


async def test_an_answer_with_a_guide_says_when_the_guide_has_changed_or_is_withdrawn(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide = (await publish_guide(world, statement(item)))["id"]
    request = await ask(world)
    body = {"answer": "See the guide.", "items": [item], "guides": [guide]}
    answered = await do(world, request, "answer", body)
    assert [
        (source["kind"], source["edition"], source["is_published"]) for source in answered["turns"][0]["cites"]
    ] == [
        ("guide", 1, True),
        ("item", 1, True),
    ]
    events = [event for event in await world.events() if isinstance(event, EvidenceRequestAnswered)]
    assert [str(guide_id) for guide_id in events[0].guide_ids] == [guide]
    tag = (await world.call(ASKER, "GET", f"{PATH}/{request}")).headers["etag"]
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/withdraw")
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"summary": "In another light."}, If_Match="*")
    after = await world.call(ASKER, "GET", f"{PATH}/{request}", **{"If-None-Match": tag})
    assert after.status_code == 200
    cites = after.json()["turns"][0]["cites"]
    assert [(source["is_published"], source["has_changed"]) for source in cites] == [(False, False), (True, True)]
    assert (after.json()["is_outdated"], cites[0]["title"]) == (True, None)


async def test_an_item_that_was_merged_is_read_as_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    surviving = await world.publish(RESEARCH)
    absorbed = await world.publish(RESEARCH, title="The same under another name", identifiers=[])
    request = await ask(world)
    await answer_request(world, request, absorbed)
    async with world.database.transaction() as uow:
        merge = "UPDATE items SET status = 'merged', published_at = NULL, merged_into = :kept WHERE id = :absorbed"
        await uow.session.execute(text(merge), {"kept": surviving, "absorbed": absorbed})
    (cited,) = (await world.json(ASKER, "GET", f"{PATH}/{request}"))["turns"][0]["cites"]
    assert (cited["id"], cited["title"], cited["is_published"]) == (surviving, RESEARCH["title"], True)


async def test_an_answer_cites_only_what_is_published(world: EvidenceWorld) -> None:
    request = await ask(world)
    body = {"answer": "See there.", "items": [await world.draft(RESEARCH)], "guides": [str(new_id())]}
    problem = await world.problem(EDITOR, "POST", f"{PATH}/{request}/answer", body)
    assert [error["pointer"] for error in problem["errors"]] == ["/items/0", "/guides/0"]
    assert (await world.json(EDITOR, "GET", f"{PATH}/{request}"))["status"] == "open"


async def test_a_further_question_opens_the_request_again(world: EvidenceWorld) -> None:
    request = await ask(world)
    await answer_request(world, request)
    await do(world, request, "use", {"used": "no"}, by=ASKER)
    opened = await do(world, request, "reopen", {"question": FURTHER}, by=ASKER)
    assert (opened["status"], opened["used"], [turn["number"] for turn in opened["turns"]]) == ("open", None, [1, 2])
    assert [request["id"] for request in (await world.json(EDITOR, "GET", f"{PATH}/queue"))["items"]] == [request]
    answered = await answer_request(world, request, text="Then a night sitter.")
    assert [turn["answer"] for turn in answered["turns"]] == ["Begin with one hour at home.", "Then a night sitter."]
    kinds = [type(event).__name__ for event in await world.events()]
    assert kinds == [
        "EvidenceRequestReceived",
        "EvidenceRequestAnswered",
        "EvidenceRequestClosed",
        "EvidenceRequestReceived",
        "EvidenceRequestAnswered",
    ]


@pytest.mark.parametrize("when", ["open", "answered", "closed"])
async def test_what_is_taken_back_is_erased_and_no_longer_shown(world: EvidenceWorld, when: str) -> None:
    request = await ask(world, setting="Mill Lane care home")
    if when != "open":
        await answer_request(world, request, text="one hour")
        await do(world, request, "publish", {"question": REWORDED})
    if when == "closed":
        await do(world, request, "use", {"used": "yes", "what_happened": "She slept."}, by=ASKER)
    await do(world, request, "withdraw", by=ASKER)
    rows = await world.rows("SELECT r.*, t.question, t.answer FROM evidence_requests r JOIN request_turns t ON true")
    assert not [text for text in ("Mill Lane", "Sample", "one hour", "slept") if text in str(rows)]
    assert (await world.json(NOBODY, "GET", PATH))["items"] == []
    events = [type(event) for event in await world.events()]
    assert events.count(EvidenceRequestClosed) == (when == "closed")
    assert events[-1] is EvidenceRequestWithdrawn
    assert (await world.call(ASKER, "POST", f"{PATH}/{request}/withdraw")).status_code == 409


async def test_only_the_asker_tells_reopens_and_takes_back(world: EvidenceWorld) -> None:
    request = await ask(world)
    await answer_request(world, request)
    attempts: list[tuple[str, Any]] = [
        ("use", {"used": "yes"}),
        ("reopen", {"question": FURTHER}),
        ("withdraw", None),
    ]
    for what, body in attempts:
        assert (await world.call(EDITOR, "POST", f"{PATH}/{request}/{what}", body)).status_code == 404


async def test_the_asker_says_it_better_and_staff_file_it(world: EvidenceWorld) -> None:
    topic = await world.topic()
    path = f"{PATH}/{await ask(world)}"
    assert (await world.call(ASKER, "PATCH", path, {"urgency": "today"})).status_code == 428
    tag = (await world.call(ASKER, "GET", path)).headers["etag"]
    better = {"question": FURTHER, "urgency": "today"}
    changed = await world.call(ASKER, "PATCH", path, better, If_Match=tag)
    assert (changed.status_code, changed.json()["turns"][0]["question"]) == (200, FURTHER)
    assert (await world.call(ASKER, "PATCH", path, better, If_Match=tag)).status_code == 412
    problem = await world.problem(EDITOR, "PATCH", path, {"question": FURTHER}, If_Match="*")
    assert [error["pointer"] for error in problem["errors"]] == ["/question"]
    updated = await world.json(EDITOR, "PATCH", path, {"topics": [topic], "country": "GB-WLS"}, If_Match="*")
    assert (updated["topics"], updated["country"], updated["urgency"]) == ([topic], "GB-WLS", "today")
    events = [event for event in await world.events() if isinstance(event, EvidenceRequestReceived)]
    assert [[str(topic_id) for topic_id in event.topic_ids] for event in events] == [[], [], [topic]]
    assert (await world.call(OTHER, "PATCH", path, {"urgency": "today"}, If_Match="*")).status_code == 404
    unknown = await world.problem(ASKER, "PATCH", path, {"topics": [str(new_id())]}, If_Match="*")
    assert unknown["errors"][0]["pointer"] == "/topics/0"


async def test_what_happened_becomes_evidence_only_by_the_askers_own_hand(world: EvidenceWorld) -> None:
    request = await ask(world, setting="home care")
    await answer_request(world, request)
    path = f"{PATH}/{request}/draft"
    assert (await world.call(ASKER, "GET", path)).status_code == 409
    await do(world, request, "use", {"used": "yes", "what_happened": "She slept."}, by=ASKER)
    offered = await world.json(ASKER, "GET", path)
    assert offered["fill_in"] == ["title", "role", "what_was_done"]
    additions = {"title": "A break that was taken", "role": "care worker", "what_was_done": "We began with one hour."}
    item = await world.json(ASKER, "POST", offered["add_at"], offered["draft"] | additions)
    assert (item["status"], item["what_happened"]) == ("draft", "She slept.")
    lived = await world.json(ASKER, "GET", f"{path}?way_of_knowing=lived_experience")
    assert lived["draft"]["consent"] == {"to_publish": False, "attribution": "anonymous"}
    assert (await world.call(EDITOR, "GET", path)).status_code == 404


async def test_of_two_who_take_or_answer_it_at_once_one_does(world: EvidenceWorld) -> None:
    staff = [person(new_id(), Role.EVIDENCE_EDITOR) for _ in range(4)]
    request = await ask(world)
    responses = await asyncio.gather(*(world.call(editor, "POST", f"{PATH}/{request}/assign") for editor in staff))
    assert sorted(response.status_code for response in responses) == [200, 409, 409, 409]
    body = {"answer": "Begin with one hour."}
    answer_responses = await asyncio.gather(
        *(world.call(editor, "POST", f"{PATH}/{request}/answer", body) for editor in staff)
    )
    assert sorted(response.status_code for response in answer_responses) == [200, 409, 409, 409]
    assert [type(event) for event in await world.events()] == [EvidenceRequestReceived, EvidenceRequestAnswered]


@pytest.mark.parametrize("text", ["<script>alert(1)</script> What helps?", "What helps? <img src=x>"])
async def test_markup_in_plain_words_is_refused_in_its_place(world: EvidenceWorld, text: str) -> None:
    question_problem = await world.problem(ASKER, "POST", PATH, {"question": text, "urgency": "today"})
    request = await ask(world)
    answer_problem = await world.problem(EDITOR, "POST", f"{PATH}/{request}/answer", {"answer": text})
    assert [problem["errors"][0]["pointer"] for problem in (question_problem, answer_problem)] == [
        "/question",
        "/answer",
    ]
