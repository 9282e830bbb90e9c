"""Chapter 2: many voices, each once, and the priority that they set."""

import asyncio
import contextlib
import random
from typing import Any

from deploy.story.client import Refused, Visitor, follows
from deploy.story.narration import Telling
from deploy.story.people import TOPICS, Facts, People

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
"""2,165 people; the last group is so small that its numbers must not be shown."""
AT_ONCE = 8


async def hear_voices(people: People, tell: Telling, facts: Facts, groups: dict[str, int]) -> None:
    total = sum(groups.values())
    tell.chapter(f"2. {total:,} voices")
    officer = people.engagement_officer
    survey = await follows(
        "the topics in engagement", lambda: officer.post("/v1/surveys", _survey(facts.topics)), lambda _: True
    )
    facts.survey = survey["id"]
    path = f"/v1/surveys/{facts.survey}"
    await officer.post(f"{path}/open")
    tell.happened("The engagement officer opened a survey on what should come first", path)
    invited: list[tuple[str, str]] = []
    for group, count in groups.items():
        issued = await officer.post(f"{path}/invitations", {"group": group, "count": count})
        invited += [(group, token) for token in issued["invitations"]]
    random.Random(2026).shuffle(invited)
    with tell.progress(f"{total:,} people of {len(groups)} groups answer", total) as bar:
        await _answer_all(people.nobody, path, invited, facts.topics, bar.step)
    await _nobody_answers_twice(people.nobody, path, invited[0], facts.topics)
    tell.happened("Nobody could answer a second time")
    await officer.post(f"{path}/close")
    facts.results = await people.nobody.get(f"{path}/results?by=group")
    tell.happened("The results are public, with small numbers left out", f"{path}/results?by=group")
    topic = f"/v1/topics/{facts.topic}"

    def heard(seen: dict[str, Any]) -> bool:
        return any(voice["survey_id"] == facts.survey for voice in seen["reached"]["voices"])

    facts.priority = await follows("the priority", lambda: people.nobody.get(topic), heard)
    tell.happened(
        f"By event, the priority of “{TOPICS[1]}” in evidence is now {facts.priority['priority']} of 100", topic
    )


async def _answer_all(
    nobody: Visitor, path: str, invited: list[tuple[str, str]], topics: dict[str, str], step: Any
) -> None:
    waiting = iter(enumerate(invited))

    async def answer() -> None:
        for number, (group, token) in waiting:
            await nobody.post(f"{path}/responses", _answers(group, number, topics), headers={"Invitation": token})
            step()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(answer())


async def _nobody_answers_twice(nobody: Visitor, path: str, first: tuple[str, str], topics: dict[str, str]) -> None:
    with contextlib.suppress(Refused):
        await nobody.post(f"{path}/responses", _answers(first[0], 0, topics), headers={"Invitation": first[1]})
        raise AssertionError("an invitation was taken twice")


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
    }


def _answers(group: str, number: int, topics: dict[str, str]) -> dict[str, Any]:
    """Each group has its own leaning, each person within it their own mind."""
    mind = random.Random(f"{group} {number}")
    ids = [f"t{n}" for n in range(len(topics))]
    leaning = {"unpaid_carers": "t1", "frontline_practitioners": "t2", "commissioners": "t0"}.get(group, "t1")
    order = mind.sample(ids, len(ids))
    if mind.random() < 0.6:
        order.remove(leaning)
        order.insert(0, leaning)
    answers: dict[str, Any] = {
        "order": order,
        "need": {option: mind.randint(4 if option == leaning else 1, 5) for option in ids},
        "one": order[0],
    }
    if mind.random() < 0.2:
        answers["more"] = "It is about having a life."
    return {"answers": answers}
