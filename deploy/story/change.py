"""Chapter 5: a project applies the evidence, measures an outcome, and the line of sight shows all links."""

from typing import Any

from deploy.demo.client import poll_until
from deploy.story.narration import Narrator
from deploy.story.people import People, StoryFacts


async def change_practice(people: People, narrator: Narrator, facts: StoryFacts) -> None:
    narrator.chapter("5. A change in practice")
    officer = people.engagement_officer
    project = {
        "title": "A break booked on the first visit",
        "model": "facilitator",
        "topic_id": facts.topic,
        "applies": [facts.account, facts.practice],
        "guide_ids": [facts.guide],
        "assembly_id": facts.assembly["id"],
    }
    started = await poll_until(
        "the evidence in engagement", lambda: officer.post("/v1/projects", project), lambda _: True
    )
    facts.project = started["id"]
    narrator.report(
        "A support project applies the guide, and what the carer and the practitioner know",
        f"/v1/projects/{facts.project}",
    )
    outcome = {"measure": "breaks_for_carers", "direction": "better", "people_affected": 34}
    await officer.post(f"/v1/projects/{facts.project}/outcomes", outcome)
    narrator.report("It measured an outcome: 34 carers took more breaks")
    sight = f"/v1/line-of-sight?from=evidence:{facts.account}"
    facts.thread = await poll_until("the line of sight", lambda: people.nobody.get(sight), _is_complete)
    narrator.report(
        f"The line of sight: {len(facts.thread['nodes'])} points, {len(facts.thread['links'])} links", sight
    )
    facts.staff_thread = await poll_until(
        "the payment on the line of sight", lambda: people.evidence_editor.get(sight), _shows_payment
    )
    narrator.report("What one person was paid is on it for staff alone")
    contributions = (await people.carer.get("/v1/contributions?limit=200"))["items"]
    facts.contribution = next(
        contribution for contribution in contributions if contribution["item"]["id"] == facts.account
    )
    narrator.report("The carer can see what followed from her account", "/v1/contributions", reader="carer")


def _is_complete(thread: dict[str, Any]) -> bool:
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
    } <= kinds


def _shows_payment(thread: dict[str, Any]) -> bool:
    return any(node["paid"] and node["paid"]["pence"] for node in thread["nodes"])
