"""Chapter 1: evidence of three ways of knowing, found by one search."""

import asyncio
from pathlib import Path
from typing import Any

from deploy.demo.client import PublicClient, poll_until
from deploy.story.narration import Narrator
from deploy.story.people import TOPICS, People, StoryFacts


async def gather_evidence(people: People, narrator: Narrator, facts: StoryFacts, file: Path) -> None:
    narrator.chapter("1. Three ways of knowing")
    editor = people.evidence_editor
    facts.topics = await _topics(editor)
    narrator.report(f"The evidence editor keeps {len(facts.topics)} topics", "/v1/topics")
    job = await import_file(editor, facts, file, facts.topic)
    counts = "{read} records read: {created} created, {matched} already there, {rejected} rejected"
    narrator.report(f"{file.name}: {counts.format(**facts.import_job)}", f"/v1/imports/{job}", reader="evidence-editor")
    facts.account = await _contribute(people.carer, editor, _account(facts.topic))
    narrator.report("A carer wrote what breaks mean to her, and agreed to publication", f"/v1/evidence/{facts.account}")
    facts.practice = await _contribute(people.practitioner, editor, _practice(facts.topic))
    narrator.report("A practitioner wrote down what worked on his round", f"/v1/evidence/{facts.practice}")
    search = "/v1/search?q=breaks+for+carers"
    facts.search_page = await poll_until(
        "the search", lambda: people.nobody.get(search), lambda page: _has_every_way_of_knowing(page, facts)
    )
    shares = ", ".join(
        f"{c['way_of_knowing'].replace('_', ' ')} {c['matches']}" for c in facts.search_page["contributions"]
    )
    narrator.report(f"One search finds all three: {shares}", search)


async def import_file(editor: PublicClient, facts: StoryFacts, file: Path, topic: str) -> str:
    """Import and publish a file of references. Returns the id of the import."""
    content = await asyncio.to_thread(file.read_bytes)
    job = await editor.upload("/v1/imports", file.name, content, topics=topic, publish="true")
    facts.import_job = await poll_until(
        "the import",
        lambda: editor.get(f"/v1/imports/{job['id']}"),
        lambda job_view: job_view["status"] in ("done", "failed"),
    )
    return job["id"]


async def _topics(editor: PublicClient) -> dict[str, str]:
    topics = {topic["name"]: topic["id"] for topic in (await editor.get("/v1/topics?limit=200"))["items"]}
    for name in TOPICS:
        if name not in topics:
            topics[name] = (await editor.post("/v1/topics", {"name": name}))["id"]
    return {name: topics[name] for name in TOPICS}


async def _contribute(contributor: PublicClient, editor: PublicClient, item: dict[str, Any]) -> str:
    created = await contributor.post("/v1/evidence", item)
    await editor.post(f"/v1/evidence/{created['id']}/publish")
    return created["id"]


def _account(topic: str) -> dict[str, Any]:
    return {
        "way_of_knowing": "lived_experience",
        "title": "A break is not a luxury",
        "summary": "What regular breaks for carers changed for my mother and me.",
        "account": "For four years I did not sleep through. When the sitter came on Thursdays I walked, and saw "
        "a friend. Breaks did not make me care less; they let me go on.",
        "speaks_as": "unpaid_carer",
        "service": "Replacement care at home",
        "topics": [topic],
        "country": "GB-ENG",
        "consent": {"to_publish": True, "attribution": "anonymous"},
    }


def _practice(topic: str) -> dict[str, Any]:
    return {
        "way_of_knowing": "practice_knowledge",
        "title": "Asking carers about breaks on the first visit",
        "summary": "We ask about breaks for carers at once, not after a crisis.",
        "role": "Home care coordinator",
        "setting": "home care",
        "what_was_done": "At the first visit we ask when the carer last had a break, and book one before we leave.",
        "what_happened": "Fewer calls at night; carers took the breaks that were booked.",
        "what_it_needs": "Ten minutes more on the first visit, and a list of sitters.",
        "topics": [topic],
        "country": "GB-ENG",
    }


def _has_every_way_of_knowing(results: dict[str, Any], facts: StoryFacts) -> bool:
    """Return whether all three contribute: with what was just added, since others may be there from before."""
    ids = {item["id"] for item in results["items"]}
    contributions = results["contributions"]
    return (
        {facts.account, facts.practice} <= ids and len(contributions) == 3 and all(c["matches"] for c in contributions)
    )
