import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import (
    EvidenceRequestAnswered,
    EvidenceRequestClosed,
    EvidenceRequestReceived,
)
from shared.persistence.tables import new_id
from tests.evidence.publications.guides.writing import published, statement
from tests.evidence.publications.requests.asking import ASKER, FURTHER, OTHER, PATH, REWORDED, WORDS, answer, ask, do
from tests.evidence.world import PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY


async def test_a_question_is_answered_used_and_closed_and_each_step_is_told(world: EvidenceWorld) -> None:
    topic = await world.topic()
    item = await world.publish(RESEARCH)
    request = await ask(world, topics=[topic], setting="home care", country="GB-ENG")
    taken = await do(world, request, "take")
    answered = await answer(world, request, item)
    used = await do(world, request, "use", {"used": "not_yet"}, by=ASKER)
    closed = await do(world, request, "use", {"used": "yes", "what_happened": "She slept."}, by=ASKER)
    assert [taken["state"], answered["state"], used["state"], closed["state"]] == [
        "in_hand",
        "answered",
        "answered",
        "closed",
    ]
    (cited,) = answered["turns"][0]["cites"]
    assert (cited["kind"], cited["id"], cited["edition"], cited["stands"]) == ("item", item, 1, True)
    assert cited["title"] == RESEARCH["title"]
    assert answered["look_again"] is False
    told = [event for event in await world.events() if event.topic == "evidence.requests"]
    assert [type(event) for event in told] == [EvidenceRequestReceived, EvidenceRequestAnswered, EvidenceRequestClosed]
    assert isinstance(told[0], EvidenceRequestReceived)
    assert (str(told[0].request_id), told[0].urgency) == (request, "this_week")
    assert [str(each) for each in told[0].topic_ids] == [topic]
    assert told[0].needed_by is not None
    assert isinstance(told[1], EvidenceRequestAnswered)
    assert ([str(each) for each in told[1].item_ids], told[1].within_hours) == ([item], 0)
    assert told[2] == EvidenceRequestClosed(request_id=told[2].key, used=True)


@pytest.mark.parametrize(
    "caller", [NOBODY, OTHER, person(new_id(), Role.ENGAGEMENT_OFFICER), Caller(new_id(), "client")]
)
async def test_nobody_but_the_asker_and_staff_sees_a_request(world: EvidenceWorld, caller: Caller) -> None:
    request = await ask(world)
    await answer(world, request)
    assert (await world.call(caller, "GET", f"{PATH}/{request}")).status_code == 404
    assert (await world.done(caller, "GET", PATH))["items"] == []
    for reader in (ASKER, EDITOR):
        assert (await world.done(reader, "GET", f"{PATH}/{request}"))["turns"][0]["question"] == WORDS


async def test_only_staff_see_the_queue_and_only_the_asker_their_own(world: EvidenceWorld) -> None:
    await ask(world)
    assert (await world.call(ASKER, "GET", f"{PATH}/queue")).status_code == 403
    assert len((await world.done(EDITOR, "GET", f"{PATH}/queue"))["items"]) == 1
    assert len((await world.done(ASKER, "GET", f"{PATH}/mine"))["items"]) == 1
    assert (await world.done(OTHER, "GET", f"{PATH}/mine"))["items"] == []
    assert (await world.call(NOBODY, "POST", PATH, {"question": WORDS, "urgency": "today"})).status_code == 401


async def test_the_asker_sees_when_something_cited_is_withdrawn_or_retracted(world: EvidenceWorld) -> None:
    study = await world.publish(RESEARCH)
    practice = await world.publish(PRACTICE)
    request = await ask(world)
    await answer(world, request, study, practice)
    path = f"{PATH}/{request}"
    before = await world.call(ASKER, "GET", path)
    await do(world, request, "show", {"question": REWORDED})
    await world.done(EDITOR, "POST", f"/v1/evidence/{practice}/withdraw")
    noted = {"nature": "retraction", "on": "2026-01-02", "reasons": ["Data that cannot be relied on"], "source": "test"}
    await world.done(EDITOR, "POST", f"/v1/evidence/{study}/retract", noted)
    after = await world.call(ASKER, "GET", path, **{"If-None-Match": before.headers["etag"]})
    assert (before.json()["look_again"], after.status_code) == (False, 200)
    cites = after.json()["turns"][0]["cites"]
    assert after.json()["look_again"] is True
    assert [(one["stands"], one["title"], bool(one["retraction"])) for one in cites] == [
        (True, RESEARCH["title"], True),
        (False, None, False),
    ]
    (public,) = (await world.done(NOBODY, "GET", PATH))["items"]
    assert [one["stands"] for one in public["cites"]] == [True, False]
    assert PRACTICE["title"] not in str(public)


async def test_an_answer_with_a_guide_says_when_the_guide_has_changed_or_is_withdrawn(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide = (await published(world, statement(item)))["id"]
    request = await ask(world)
    body = {"answer": "See the guide.", "items": [item], "guides": [guide]}
    answered = await do(world, request, "answer", body)
    assert [(one["kind"], one["edition"], one["stands"]) for one in answered["turns"][0]["cites"]] == [
        ("guide", 1, True),
        ("item", 1, True),
    ]
    told = [event for event in await world.events() if isinstance(event, EvidenceRequestAnswered)]
    assert [str(each) for each in told[0].guide_ids] == [guide]
    tag = (await world.call(ASKER, "GET", f"{PATH}/{request}")).headers["etag"]
    await world.done(EDITOR, "POST", f"/v1/guides/{guide}/withdraw")
    await world.done(EDITOR, "PATCH", f"/v1/evidence/{item}", {"summary": "In another light."}, If_Match="*")
    after = await world.call(ASKER, "GET", f"{PATH}/{request}", **{"If-None-Match": tag})
    assert after.status_code == 200
    cites = after.json()["turns"][0]["cites"]
    assert [(one["stands"], one["changed"]) for one in cites] == [(False, False), (True, True)]
    assert (after.json()["look_again"], cites[0]["title"]) == (True, None)


async def test_an_item_that_was_merged_is_read_as_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    kept = await world.publish(RESEARCH)
    absorbed = await world.publish(RESEARCH, title="The same under another name", identifiers=[])
    request = await ask(world)
    await answer(world, request, absorbed)
    async with world.database.transaction() as uow:
        merge = "UPDATE items SET state = 'merged', published_at = NULL, merged_into = :kept WHERE id = :absorbed"
        await uow.session.execute(text(merge), {"kept": kept, "absorbed": absorbed})
    (cited,) = (await world.done(ASKER, "GET", f"{PATH}/{request}"))["turns"][0]["cites"]
    assert (cited["id"], cited["title"], cited["stands"]) == (kept, RESEARCH["title"], True)


async def test_an_answer_cites_only_what_is_published(world: EvidenceWorld) -> None:
    request = await ask(world)
    body = {"answer": "See there.", "items": [await world.draft(RESEARCH)], "guides": [str(new_id())]}
    problem = await world.refused(EDITOR, "POST", f"{PATH}/{request}/answer", body)
    assert [error["pointer"] for error in problem["errors"]] == ["/items/0", "/guides/0"]
    assert (await world.done(EDITOR, "GET", f"{PATH}/{request}"))["state"] == "open"


async def test_the_queue_goes_by_urgency_then_by_what_is_due_page_by_page(world: EvidenceWorld) -> None:
    made = [await ask(world, urgency=urgency) for urgency in ("no_hurry", "this_week", "today", "this_week")]
    await do(world, made[1], "take")
    found: list[str] = []
    path = f"{PATH}/queue?limit=1"
    while path:
        page = await world.done(EDITOR, "GET", path)
        found += [one["id"] for one in page["items"]]
        path = (page["next"] or "").removeprefix("http://testserver")
    assert found == [made[2], made[1], made[3], made[0]]
    mine = await world.done(EDITOR, "GET", f"{PATH}/queue?mine=true&state=in_hand&urgency=this_week")
    assert [one["id"] for one in mine["items"]] == [made[1]]


async def test_what_was_asked_further_queues_by_when_that_is_due(world: EvidenceWorld) -> None:
    first, second = await ask(world), await ask(world)
    await answer(world, first)
    await do(world, first, "reopen", {"question": FURTHER}, by=ASKER)
    assert [one["id"] for one in (await world.done(EDITOR, "GET", f"{PATH}/queue"))["items"]] == [second, first]


async def test_what_a_colleague_has_in_hand_is_not_taken_from_them(world: EvidenceWorld) -> None:
    colleague = person(new_id(), Role.EVIDENCE_EDITOR)
    request = await ask(world)
    await do(world, request, "take")
    assert (await world.call(colleague, "POST", f"{PATH}/{request}/take")).status_code == 409
    await do(world, request, "give-back", by=colleague)
    assert (await do(world, request, "take", by=colleague))["state"] == "in_hand"


async def test_a_further_question_opens_the_request_again(world: EvidenceWorld) -> None:
    request = await ask(world)
    await answer(world, request)
    await do(world, request, "use", {"used": "no"}, by=ASKER)
    opened = await do(world, request, "reopen", {"question": FURTHER}, by=ASKER)
    assert (opened["state"], opened["used"], [turn["number"] for turn in opened["turns"]]) == ("open", None, [1, 2])
    assert [one["id"] for one in (await world.done(EDITOR, "GET", f"{PATH}/queue"))["items"]] == [request]
    answered = await answer(world, request, words="Then a night sitter.")
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
        await answer(world, request, words="one hour")
        await do(world, request, "show", {"question": REWORDED})
    if when == "closed":
        await do(world, request, "use", {"used": "yes", "what_happened": "She slept."}, by=ASKER)
    await do(world, request, "take-back", by=ASKER)
    kept = await world.rows("SELECT r.*, t.question, t.answer FROM evidence_requests r JOIN request_turns t ON true")
    assert not [word for word in ("Mill Lane", "Sample", "one hour", "slept") if word in str(kept)]
    assert (await world.done(NOBODY, "GET", PATH))["items"] == []
    closings = [event for event in await world.events() if isinstance(event, EvidenceRequestClosed)]
    assert [event.used for event in closings] == ([True, None] if when == "closed" else [None])
    assert (await world.call(ASKER, "POST", f"{PATH}/{request}/take-back")).status_code == 409


async def test_only_the_asker_tells_reopens_and_takes_back(world: EvidenceWorld) -> None:
    request = await ask(world)
    await answer(world, request)
    asked: list[tuple[str, Any]] = [
        ("use", {"used": "yes"}),
        ("reopen", {"question": FURTHER}),
        ("take-back", None),
    ]
    for what, body in asked:
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
    words = await world.refused(EDITOR, "PATCH", path, {"question": FURTHER}, If_Match="*")
    assert [error["pointer"] for error in words["errors"]] == ["/question"]
    filed = await world.done(EDITOR, "PATCH", path, {"topics": [topic], "country": "GB-WLS"}, If_Match="*")
    assert (filed["topics"], filed["country"], filed["urgency"]) == ([topic], "GB-WLS", "today")
    told = [event for event in await world.events() if isinstance(event, EvidenceRequestReceived)]
    assert [[str(each) for each in event.topic_ids] for event in told] == [[], [], [topic]]
    assert (await world.call(OTHER, "PATCH", path, {"urgency": "today"}, If_Match="*")).status_code == 404
    unknown = await world.refused(ASKER, "PATCH", path, {"topics": [str(new_id())]}, If_Match="*")
    assert unknown["errors"][0]["pointer"] == "/topics/0"


async def test_what_happened_becomes_evidence_only_by_the_askers_own_hand(world: EvidenceWorld) -> None:
    request = await ask(world, setting="home care")
    await answer(world, request)
    path = f"{PATH}/{request}/draft"
    assert (await world.call(ASKER, "GET", path)).status_code == 409
    await do(world, request, "use", {"used": "yes", "what_happened": "She slept."}, by=ASKER)
    offered = await world.done(ASKER, "GET", path)
    assert offered["fill_in"] == ["title", "role", "what_was_done"]
    said = {"title": "A break that was taken", "role": "care worker", "what_was_done": "We began with one hour."}
    made = await world.done(ASKER, "POST", offered["add_at"], offered["draft"] | said)
    assert (made["state"], made["what_happened"]) == ("draft", "She slept.")
    lived = await world.done(ASKER, "GET", f"{path}?way_of_knowing=lived_experience")
    assert lived["draft"]["consent"] == {"to_publish": False, "attribution": "anonymous"}
    assert (await world.call(EDITOR, "GET", path)).status_code == 404


async def test_of_two_who_take_or_answer_it_at_once_one_does(world: EvidenceWorld) -> None:
    staff = [person(new_id(), Role.EVIDENCE_EDITOR) for _ in range(4)]
    request = await ask(world)
    taken = await asyncio.gather(*(world.call(one, "POST", f"{PATH}/{request}/take") for one in staff))
    assert sorted(answer.status_code for answer in taken) == [200, 409, 409, 409]
    body = {"answer": "Begin with one hour."}
    answered = await asyncio.gather(*(world.call(one, "POST", f"{PATH}/{request}/answer", body) for one in staff))
    assert sorted(answer.status_code for answer in answered) == [200, 409, 409, 409]
    assert [type(event) for event in await world.events()] == [EvidenceRequestReceived, EvidenceRequestAnswered]


@pytest.mark.parametrize("words", ["<script>alert(1)</script> What helps?", "What helps? <img src=x>"])
async def test_markup_in_plain_words_is_refused_in_its_place(world: EvidenceWorld, words: str) -> None:
    asked = await world.refused(ASKER, "POST", PATH, {"question": words, "urgency": "today"})
    request = await ask(world)
    answered = await world.refused(EDITOR, "POST", f"{PATH}/{request}/answer", {"answer": words})
    assert [problem["errors"][0]["pointer"] for problem in (asked, answered)] == ["/question", "/answer"]
