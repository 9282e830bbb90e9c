"""Chapter 5: evidence applied, an outcome measured, and the thread seen from end to end."""

from typing import Any

from deploy.story.client import follows
from deploy.story.narration import Telling
from deploy.story.people import Facts, People


async def change_practice(people: People, tell: Telling, facts: Facts) -> None:
    tell.chapter("5. A change in practice")
    officer = people.engagement_officer
    project = {
        "title": "A break booked on the first visit",
        "model": "facilitator",
        "topic_id": facts.topic,
        "applies": [facts.account, facts.practice],
        "guide_ids": [facts.guide],
        "assembly_id": facts.assembly["id"],
    }
    started = await follows("the evidence in engagement", lambda: officer.post("/v1/projects", project), lambda _: True)
    facts.project = started["id"]
    tell.happened(
        "A support project applies the guide, and what the carer and the practitioner know",
        f"/v1/projects/{facts.project}",
    )
    outcome = {"measure": "breaks_for_carers", "direction": "better", "people_affected": 34}
    await officer.post(f"/v1/projects/{facts.project}/outcomes", outcome)
    tell.happened("It measured an outcome: 34 carers took more breaks")
    sight = f"/v1/line-of-sight?from=evidence:{facts.account}"
    facts.thread = await follows("the line of sight", lambda: people.nobody.get(sight), _whole)
    tell.happened(f"The line of sight: {len(facts.thread['nodes'])} points, {len(facts.thread['links'])} links", sight)
    mine = (await people.carer.get("/v1/contributions?limit=200"))["items"]
    facts.contribution = next(contribution for contribution in mine if contribution["item"]["id"] == facts.account)
    tell.happened("The carer can see what followed from her account", "/v1/contributions")


def _whole(thread: dict[str, Any]) -> bool:
    kinds = {node["kind"] for node in thread["nodes"]}
    return {
        "evidence",
        "topic",
        "survey",
        "assembly",
        "guide",
        "request",
        "learning",
        "project",
        "outcome",
    } <= kinds and any(node["paid"] and node["paid"]["pence"] for node in thread["nodes"])
