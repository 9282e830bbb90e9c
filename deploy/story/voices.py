"""Chapter 2: a survey that everybody can answer once, and the priority of a topic that results from it."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

from deploy.demo.client import PublicClient, RequestRefused, poll_until
from deploy.story.narration import Narrator
from deploy.story.people import TOPICS, People, StoryFacts

GROUPS = {
    "people_who_draw_on_care_and_support": 430,
    "unpaid_carers": 410,
    "frontline_practitioners": 400,
    "managers_and_providers": 330,
    "commissioners": 210,
    "researchers": 240,
    "policy_makers": 142,
    "others": 3,
}
"""2,165 people. The last group is below the disclosure threshold."""
CONCURRENCY = 8


async def run_survey(people: People, narrator: Narrator, facts: StoryFacts, groups: dict[str, int]) -> None:
    total = sum(groups.values())
    narrator.chapter(f"2. {total:,} voices")
    officer = people.engagement_officer
    survey = await poll_until(
        "the topics in engagement", lambda: officer.post("/v1/surveys", _survey(facts.topics)), lambda _: True
    )
    facts.survey = survey["id"]
    path = f"/v1/surveys/{facts.survey}"
    await officer.post(f"{path}/open")
    narrator.report("The engagement officer opened a survey on what should come first", path)
    invited: list[tuple[str, str]] = []
    for group, count in groups.items():
        issued = await officer.post(f"{path}/invitations", {"group": group, "count": count})
        invited += [(group, token) for token in issued["invitations"]]
    random.Random(2026).shuffle(invited)
    with narrator.progress(f"{total:,} people of {len(groups)} groups answer", total) as bar:
        await _answer_all(people.nobody, path, invited, facts.topics, bar.step)
    await _check_second_answer_is_refused(people.nobody, path, invited[0], facts.topics)
    await _check_the_other_way_is_refused(people.carer, path, facts.topics)
    narrator.report("Nobody could answer a second time, nor signed in where their group answers by invitation")
    await officer.post(f"{path}/close")
    facts.results = await people.nobody.get(f"{path}/results?by=group")
    narrator.report("The results are public, with small numbers left out", f"{path}/results?by=group")
    topic = f"/v1/topics/{facts.topic}"

    def has_voice(topic_view: dict[str, Any]) -> bool:
        return any(voice["survey_id"] == facts.survey for voice in topic_view["priority_basis"]["surveys"])

    facts.priority = await poll_until("the priority", lambda: people.nobody.get(topic), has_voice)
    narrator.report(
        f"By event, the priority of “{TOPICS[1]}” in evidence is now {facts.priority['priority']} of 100", topic
    )


async def _answer_all(
    nobody: PublicClient,
    path: str,
    invited: list[tuple[str, str]],
    topics: dict[str, str],
    step: Callable[[], None],
) -> None:
    waiting = iter(enumerate(invited))

    async def respond() -> None:
        for number, (group, token) in waiting:
            await nobody.post(f"{path}/responses", _answers(group, number, topics), headers={"Invitation": token})
            step()

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(respond())


async def _check_second_answer_is_refused(
    nobody: PublicClient, path: str, first: tuple[str, str], topics: dict[str, str]
) -> None:
    with contextlib.suppress(RequestRefused):
        await nobody.post(f"{path}/responses", _answers(first[0], 0, topics), headers={"Invitation": first[1]})
        raise AssertionError("an invitation was accepted twice")


async def _check_the_other_way_is_refused(carer: PublicClient, path: str, topics: dict[str, str]) -> None:
    with contextlib.suppress(RequestRefused):
        await carer.post(f"{path}/responses", {"group": "unpaid_carers", **_answers("unpaid_carers", 0, topics)})
        raise AssertionError("a carer answered signed in, where carers answer by invitation")


def _survey(topics: dict[str, str]) -> dict[str, Any]:
    options = [{"id": f"t{n}", "text": name, "topic_id": id} for n, (name, id) in enumerate(topics.items())]
    plain = [{"id": option["id"], "text": option["text"]} for option in options]
    return {
        "title": "What should come first?",
        "introduction": "Five minutes, free of any cost, and nobody will know who you are.",
        "questions": [
            {"id": "order", "kind": "rank", "text": "Put these in the order that matters to you.", "options": options},
            {"id": "need", "kind": "score", "text": "How urgent is each of them?", "options": options},
            {"id": "one", "kind": "single_choice", "text": "If there were money for one only?", "options": plain},
            {"id": "more", "kind": "free_text", "text": "What else should we know?"},
        ],
        "groups": [{"group": group, "admission": "invitation"} for group in GROUPS],
    }


def _answers(group: str, number: int, topics: dict[str, str]) -> dict[str, Any]:
    """Return random answers, the same in each run. Each group prefers one topic."""
    choices = random.Random(f"{group} {number}")
    ids = [f"t{n}" for n in range(len(topics))]
    preferred = {"unpaid_carers": "t1", "frontline_practitioners": "t2", "commissioners": "t0"}.get(group, "t1")
    order = choices.sample(ids, len(ids))
    if choices.random() < 0.6:
        order.remove(preferred)
        order.insert(0, preferred)
    answers: dict[str, Any] = {
        "order": order,
        "need": {option: choices.randint(4 if option == preferred else 1, 5) for option in ids},
        "one": order[0],
    }
    if choices.random() < 0.2:
        answers["more"] = "It is about having a life."
    return {"answers": answers}
