"""Chapter 4: a guide that cites three ways of knowing, an answered evidence request, and a learning piece."""

from datetime import timedelta
from typing import Any

from deploy.story.narration import Narrator
from deploy.story.people import People, StoryFacts
from shared import clock


async def publish_guidance(people: People, narrator: Narrator, facts: StoryFacts) -> None:
    narrator.chapter("4. Into plain words")
    editor, reviewer = people.evidence_editor, people.guide_reviewer
    request = await people.practitioner.post("/v1/evidence-requests", _question(facts.topic))
    narrator.report("A practitioner asks what is known; only staff see the text")
    study = next(item["id"] for item in facts.search_page["items"] if item["way_of_knowing"] == "research")
    created = await editor.post("/v1/guides", _guide(facts, study))
    facts.guide = created["id"]
    await editor.post(f"/v1/guides/{facts.guide}/submit")
    await reviewer.post(f"/v1/guides/{facts.guide}/publish")
    narrator.report(
        "A guide that cites all three ways of knowing was reviewed by a second editor and published",
        f"/v1/guides/{facts.guide}",
    )
    response = {
        "answer": "Yes: book one on the first visit. The guide says how, and what it costs.",
        "items": [facts.account],
        "guides": [facts.guide],
    }
    await editor.post(f"/v1/evidence-requests/{request['id']}/answer", response)
    publication = {"question": "Does it help families to speak of breaks early?"}
    await editor.post(f"/v1/evidence-requests/{request['id']}/publish", publication)
    outcome = {"used": "yes", "what_happened": "We tried it with four families."}
    facts.request = await people.practitioner.post(f"/v1/evidence-requests/{request['id']}/use", outcome)
    narrator.report(
        "The question was answered with the guide and published in other words; the answer was used",
        f"/v1/evidence-requests/{request['id']}",
    )
    await _learn(people, narrator, facts)


async def _learn(people: People, narrator: Narrator, facts: StoryFacts) -> None:
    piece = await people.evidence_editor.post("/v1/learning", _piece(facts))
    await people.evidence_editor.post(f"/v1/learning/{piece['id']}/publish")
    completion = {"answers": [0, 0, 0], "edition": 1}
    facts.learning = await people.practitioner.post(f"/v1/learning/{piece['id']}/completions", completion)
    narrator.report(
        "A short piece of learning: the practitioner answered three questions and has a record to show",
        f"/v1/learning/{piece['id']}",
    )


def _question(topic: str) -> dict[str, Any]:
    return {
        "question": "Does it help to ask about breaks before a family is worn out?",
        "urgency": "this_week",
        "topics": [topic],
        "setting": "home care",
        "country": "GB-ENG",
    }


def _guide(facts: StoryFacts, study: str) -> dict[str, Any]:
    return {
        "title": "Breaks for carers, booked before they are needed",
        "summary": "What helps a carer to get away before it is too late, and what it takes.",
        "topics": [facts.topic],
        "review_on": (clock.today() + timedelta(days=365)).isoformat(),
        "statements": [
            {
                "text": "Carers take breaks that are booked for them early; they seldom ask for one themselves.",
                "what_to_try": "On the next first visit, ask when the carer last had a break, and book one.",
                "cost": {"level": "low", "in_words": "Ten minutes of the first visit."},
                "effort": {"level": "low", "in_words": "A list of sitters that somebody keeps up to date."},
                "conditions": "Where somebody whom the family trusts has an hour free in the week.",
                "confidence": {
                    "kind": "in_plain_words",
                    "confidence": "Likely: a study, a carer and a care team point the same way.",
                    "reason": "The study is small, and one team has tried it so far.",
                },
                "citations": [{"item_id": item} for item in (study, facts.account, facts.practice)],
            }
        ],
    }


def _piece(facts: StoryFacts) -> dict[str, Any]:
    quiz = (
        ("When is a break best spoken of?", "On the first visit", "When somebody is worn out", "Early ones are taken."),
        (
            "Who books it?",
            "The worker, before leaving",
            "The carer, when there is time",
            "Few carers ask by themselves.",
        ),
        ("What does it take?", "A list of sitters", "A new assessment", "The list is what makes a date possible."),
    )
    return {
        "title": "A break on the first visit",
        "point": "Offer the first break before anybody asks for one.",
        "text": "Most carers do not ask for a break. Ask on the first visit when the last one was, and book one "
        "before you leave. It takes ten minutes, and a list of people who can sit in.",
        "questions": [
            {"ask": ask, "options": [right, error], "right": 0, "why": why} for ask, right, error, why in quiz
        ],
        "items": [{"id": facts.practice}],
        "guides": [{"id": facts.guide}],
    }
