"""Whose words are shown to whom: those of staff to everyone, those of the asker to nobody else."""

from typing import Any

import pytest

from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.publications.requests.request_factories import (
    ASKER,
    FURTHER,
    HIDDEN,
    OTHER,
    PATH,
    REWORDED,
    WORDS,
    answer_request,
    ask,
    do,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_everyone_reads_the_words_of_staff_and_never_the_askers(world: EvidenceWorld) -> None:
    topic, other = await world.topic("Breaks"), await world.topic("Pay")
    request = await ask(world, topics=[topic])
    await answer_request(world, request, await world.publish(ACCOUNT), text="Mrs Sample: one hour.")
    await do(world, request, "use", {"used": "yes", "what_happened": "She slept in Mill Lane."}, by=ASKER)
    await do(world, request, "publish", {"question": REWORDED, "answer": "Planned breaks are taken more often."})
    (listed_question,) = (await world.json(NOBODY, "GET", f"{PATH}?topic={topic}"))["items"]
    response = await world.call(OTHER, "GET", f"{PATH}/{request}")
    assert listed_question == response.json()
    for caller, policy in ((NOBODY, "public, no-cache"), (OTHER, "private, no-cache")):
        assert (await world.call(caller, "GET", f"{PATH}/{request}")).headers["cache-control"] == policy
        assert (await world.call(caller, "GET", PATH)).headers["cache-control"] == "public, no-cache"
    assert listed_question["question"] == REWORDED
    assert listed_question["cites"][0]["way_of_knowing"] == "lived_experience"
    assert not [text for text in HIDDEN if text in str(listed_question)]
    assert (await world.json(NOBODY, "GET", f"{PATH}?topic={other}"))["items"] == []
    await do(world, request, "unpublish")
    assert (await world.json(NOBODY, "GET", PATH))["items"] == []
    assert (await world.call(NOBODY, "GET", f"{PATH}/{request}")).status_code == 404


async def test_questions_are_found_by_the_place_of_their_evidence_and_never_by_the_askers(world: EvidenceWorld) -> None:
    merged = await world.publish(RESEARCH, title="The same work", identifiers=[])
    welsh = await world.publish(RESEARCH, country="GB-WLS", setting="Home care")
    irish = await world.publish(ACCOUNT, country="IE")
    guide = await publish_guide(world, statement(irish), statement(await world.publish(PRACTICE)))

    async def publish(*items: str, **more: Any) -> str:
        request = await ask(world, country="GB-SCT", setting="Mill Lane care home")
        await do(world, request, "answer", {"answer": "Begin with one hour.", "items": list(items), **more})
        await do(world, request, "publish", {"question": REWORDED})
        return request

    itself, through_merge, through_guide = (
        await publish(welsh),
        await publish(merged),
        await publish(guides=[guide["id"]]),
    )
    await world.json(EDITOR, "POST", "/v1/merges", {"into": welsh, "items": [merged]})
    for query, expected in (
        ("country=GB-WLS", [through_merge, itself]),
        ("country=GB&setting=home%20CARE&count=true", [through_merge, itself]),
        ("country=IE", [through_guide]),
        ("country=IE&setting=home%20care", []),
        ("country=GB-SCT", []),
        ("setting=Mill%20Lane%20care%20home", []),
    ):
        page = await world.json(NOBODY, "GET", f"{PATH}?{query}")
        assert [question["id"] for question in page["items"]] == expected, query
        assert page["total"] in (None, len(expected))
    await world.json(CARER, "POST", f"/v1/evidence/{irish}/withdraw")
    assert (await world.json(NOBODY, "GET", f"{PATH}?country=IE"))["items"] == []
    assert (await world.call(NOBODY, "GET", f"{PATH}?country=Wales")).status_code == 422


async def test_the_askers_own_words_are_not_made_public(world: EvidenceWorld) -> None:
    request = await ask(world)
    await answer_request(world, request)
    problem = await world.problem(EDITOR, "POST", f"{PATH}/{request}/publish", {"question": f"A. {WORDS.upper()}!"})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/question")
    unanswered = await ask(world)
    assert (await world.call(EDITOR, "POST", f"{PATH}/{unanswered}/publish", {"question": REWORDED})).status_code == 409


@pytest.mark.parametrize(
    "title", ["Breaks in Mill Lane for Mrs Sample", "Breaks for carers in mill lane", "What helps Tomasz and Aisha"]
)
async def test_the_names_that_the_asker_wrote_are_not_made_public(world: EvidenceWorld, title: str) -> None:
    request = await ask(world, question=f"{WORDS} Can Aisha visit her brother Tomasz on Sundays?")
    await answer_request(world, request)
    path = f"{PATH}/{request}/publish"
    problem = await world.problem(EDITOR, "POST", path, {"question": title})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/question")
    problem = await world.problem(EDITOR, "POST", path, {"question": REWORDED, "answer": "Visit Mrs Sample."})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/answer")
    await do(world, request, "publish", {"question": "Which breaks help a carer in Wales under the Care Act?"})


async def test_an_answer_that_repeats_the_askers_own_words_is_written_anew_before_everyone_reads_it(
    world: EvidenceWorld,
) -> None:
    request = await ask(world)
    await answer_request(world, request, text=f"You asked: {WORDS} Begin with one hour.")
    path = f"{PATH}/{request}/publish"
    for change in ({}, {"answer": f"To '{WORDS.lower()}': one hour."}):
        problem = await world.problem(EDITOR, "POST", path, {"question": REWORDED, **change})
        assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/answer")
    assert (await world.json(NOBODY, "GET", PATH))["items"] == []
    await do(world, request, "publish", {"question": REWORDED, "answer": "Begin with one hour."})
    await do(world, request, "withdraw", by=ASKER)
    assert (await world.problem(EDITOR, "POST", path, {"question": REWORDED}))["title"] == "This request was withdrawn"


async def test_no_word_of_a_person_is_in_events_or_in_the_audit_trail(world: EvidenceWorld) -> None:
    request = await ask(world, setting="Mill Lane care home")
    await do(world, request, "assign")
    await answer_request(world, request, text="one hour")
    await do(world, request, "reopen", {"question": FURTHER}, by=ASKER)
    await answer_request(world, request)
    await do(world, request, "use", {"used": "no", "what_happened": "Nobody slept."}, by=ASKER)
    trail = await world.rows("SELECT before, after, kind FROM audit_entries")
    assert {"EvidenceRequest", "RequestTurn"} <= {entry["kind"] for entry in trail}
    assert not [text for text in HIDDEN if text in f"{trail}{await world.events()}"]


async def test_the_public_list_counts_answers_that_stand_on_nothing_of_a_known_place(world: EvidenceWorld) -> None:
    welsh = await world.publish(RESEARCH, country="GB-WLS", setting="Home care")
    of_no_place = await world.publish(ACCOUNT)
    for items in ((welsh,), (of_no_place,), (welsh, of_no_place), ()):
        request = await ask(world)
        await answer_request(world, request, *items)
        await do(world, request, "publish", {"question": REWORDED})
    await answer_request(world, await ask(world), of_no_place)
    for query, items, counts in (
        ("", 4, (None, None)),
        ("country=GB-WLS", 2, (2, None)),
        ("setting=home%20care", 2, (None, 2)),
        ("country=IE&setting=home%20care", 0, (0, 0)),
        ("country=GB-WLS&q=nothing", 0, (0, None)),
    ):
        page = await world.json(NOBODY, "GET", f"{PATH}?{query}")
        assert (len(page["items"]), page["without_country"], page["without_setting"]) == (items, *counts), query
    page = await world.json(NOBODY, "GET", f"{PATH}?country=GB&limit=1")
    following = await world.json(NOBODY, "GET", page["next"].removeprefix("http://testserver"))
    assert (page["without_country"], following["without_country"]) == (2, None)
