"""What people say and do with it: a closed survey, assemblies to come, a project that applies a guide."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from deploy.demo.client import poll_until
from deploy.demo.library import contents
from deploy.demo.library.contents import Entry
from deploy.demo.library.planter import Planter, for_each, unless_done
from shared import clock

OFFICER, ANYONE = "engagement-officer", "anyone"
OUTCOME = "/v1/projects/{}/outcomes"


async def run_survey(planter: Planter) -> None:
    """Ask, answer and close. Whoever answered keeps to that: an invitation takes one answer.

    Where this was interrupted for more than a day, invitations are issued anew, and some groups count more voices.
    """
    survey = contents.document("survey")
    views = {view["title"]: view async for view in planter.list(OFFICER, "/v1/surveys")}
    view = views.get(survey["title"]) or await poll_until(
        "the topics in engagement", lambda: planter.post(OFFICER, "/v1/surveys", _survey(planter, survey)), bool
    )
    if view["status"] == "closed":
        return
    address = f"/v1/surveys/{view['id']}"
    await planter.post_unless_done(OFFICER, f"{address}/open")
    for group, asked in survey["groups"].items():
        invited = {"group": group, "count": asked["answers"]}
        tokens: list[str] = (await planter.post(OFFICER, f"{address}/invitations", invited))["invitations"]

        async def respond(invitation: tuple[int, str], group: str = group, first: str = asked["first"]) -> None:
            number, token = invitation
            body = {"answers": answers(f"{group} {number}", first, survey["comments"])}
            await unless_done(planter.post(ANYONE, f"{address}/responses", body, headers={"Invitation": token}))

        await for_each(enumerate(tokens), respond)
    await planter.post_unless_done(OFFICER, f"{address}/close")


def _survey(planter: Planter, survey: Entry) -> Entry:
    topics = contents.entries("topics")
    options = [{"id": row["key"], "text": row["name"], "topic_id": planter.id_of(row["key"])} for row in topics]
    questions = survey["questions"]
    return {
        "title": survey["title"],
        "introduction": survey["introduction"],
        "questions": [
            {"id": "order", "kind": "rank", "text": questions["order"], "options": options},
            {"id": "urgency", "kind": "score", "text": questions["urgency"], "options": options},
            {"id": "comment", "kind": "free_text", "text": questions["comment"]},
        ],
        "groups": [{"group": group, "admission": "invitation"} for group in survey["groups"]],
    }


def answers(person: str, first: str, comments: list[str]) -> Entry:
    """Return what this person answers: by chance, the same each time. Most of a group have its `first` topic first."""
    choices = random.Random(person)
    topics = [topic["key"] for topic in contents.entries("topics")]
    order = choices.sample(topics, len(topics))
    if choices.random() < 0.8:
        order.sort(key=lambda topic: topic != first)
    scores = {topic: choices.randint(3, 5) if topic in order[:2] else choices.randint(1, 4) for topic in topics}
    comment = {"comment": choices.choice(comments)} if choices.random() < 0.2 else {}
    return {"order": order, "urgency": scores, **comment}


async def plan_assemblies(planter: Planter) -> None:
    """Plan assemblies, and wait until funding has reserved their money: then people can register."""
    existing = await planter.titles(OFFICER, "/v1/assemblies")
    for entry in contents.document("meetings")["assemblies"]:
        held_on = clock.today() + timedelta(days=entry["in_days"])
        body = {
            **contents.without(entry, "topic", "in_days"),
            "topic_id": planter.id_of(entry["topic"]),
            "held_on": held_on.isoformat(),
        }
        assembly = existing.get(entry["title"]) or (await _once_known(planter, "/v1/assemblies", body))["id"]
        await poll_until(
            "the funding",
            lambda assembly=assembly: planter.clients[OFFICER].get(f"/v1/assemblies/{assembly}"),
            lambda view: view["status"] != "awaiting_funding",
        )


async def run_project(planter: Planter) -> None:
    """Apply a guide on the ground and say what came of it: the last step of all (`is_planted`)."""
    entry = contents.document("meetings")["project"]
    existing = await planter.titles(OFFICER, "/v1/projects")
    body = {
        "title": entry["title"],
        "model": entry["model"],
        "topic_id": planter.id_of(entry["topic"]),
        "applies": planter.ids_of(entry["applies"]),
        "guide_ids": planter.ids_of(entry["guides"]),
    }
    project = existing.get(entry["title"]) or (await _once_known(planter, "/v1/projects", body))["id"]
    recorded = [outcome["measure"] async for outcome in planter.list(OFFICER, OUTCOME.format(project))]
    for outcome in entry["outcomes"]:
        if outcome["measure"] not in recorded:
            await planter.post(OFFICER, OUTCOME.format(project), outcome)


async def is_planted(planter: Planter) -> bool:
    """Return whether the last step was made, as everybody can see."""
    project = contents.document("meetings")["project"]
    projects = planter.list(ANYONE, "/v1/projects")
    return any(
        [view["outcomes"] >= len(project["outcomes"]) async for view in projects if view["title"] == project["title"]]
    )


async def _once_known(planter: Planter, path: str, body: Mapping[str, Any]) -> Entry:
    """Post as soon as engagement knows the topic, the items and the guides, of which events tell it."""
    return await poll_until("the topics and items in engagement", lambda: planter.post(OFFICER, path, body), bool)
