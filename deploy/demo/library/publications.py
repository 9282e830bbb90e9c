"""What is written from the evidence: guides, answers to questions from the front line, learning pieces."""

from datetime import timedelta
from typing import Any

from deploy.demo.library import contents
from deploy.demo.library.contents import Entry
from deploy.demo.library.items import EDITOR, SECOND_EDITOR
from deploy.demo.library.planter import Planter, for_each
from shared import clock

REVIEWED_WITHIN = timedelta(days=365)


async def write_guides(planter: Planter) -> None:
    """Write the guides, have them reviewed by the second editor, and leave one for whoever looks at that queue."""
    lists = [await planter.titles(EDITOR, f"/v1/guides?status={status}") for status in ("published", "draft", "review")]
    existing = {title: id for titles in lists for title, id in titles.items()}
    for entry in contents.entries("guides"):
        guide = await planter.create(EDITOR, "/v1/guides", _guide(planter, entry), existing)
        planter.ids[entry["key"]] = guide
        await planter.post_unless_done(EDITOR, f"/v1/guides/{guide}/submit")
        if entry.get("review") != "waits":
            await planter.post_unless_done(SECOND_EDITOR, f"/v1/guides/{guide}/publish")


def _guide(planter: Planter, entry: Entry) -> Entry:
    return {
        **contents.without(entry, "key", "review"),
        "summary": contents.noted(entry["summary"]),
        "topics": planter.ids_of(entry["topics"]),
        "review_on": (clock.today() + REVIEWED_WITHIN).isoformat(),
        "statements": [_statement(planter, statement) for statement in entry["statements"]],
    }


def _statement(planter: Planter, statement: Entry) -> Entry:
    citations = [{"item_id": planter.id_of(cited["item"]), "why": cited["why"]} for cited in statement["citations"]]
    return {**statement, "citations": citations}


async def answer_questions(planter: Planter) -> None:
    """Ask the questions; answer some, publish the answers in other words, and say what came of them."""
    existing = {
        view["turns"][0]["question"]: view["id"]
        for asker in {entry["by"] for entry in contents.entries("questions")}
        async for view in planter.list(asker, "/v1/evidence-requests/mine")
    }

    async def ask(entry: Entry) -> None:
        asker = entry["by"]
        body = contents.without(entry, "key", "by", "answer", "use") | {"topics": planter.ids_of(entry["topics"])}
        request = await planter.create(asker, "/v1/evidence-requests", body, existing, name="question")
        address = f"/v1/evidence-requests/{request}"
        if answer := entry.get("answer"):
            await _answer(planter, address, answer)
        if use := entry.get("use"):
            await planter.post_unless_done(asker, f"{address}/use", use)

    await for_each(contents.entries("questions"), ask)


async def _answer(planter: Planter, address: str, answer: dict[str, Any]) -> None:
    body = {
        "answer": contents.noted(answer["text"]),
        "items": planter.ids_of(answer["items"]),
        "guides": planter.ids_of(answer["guides"]),
    }
    await planter.post_unless_done(answer["by"], f"{address}/answer", body)
    await planter.post_unless_done(answer["by"], f"{address}/publish", {"question": answer["published_as"]})


async def teach(planter: Planter) -> None:
    lists = [await planter.titles(EDITOR, f"/v1/learning?status={status}") for status in ("draft", "published")]
    existing = {title: id for titles in lists for title, id in titles.items()}

    async def write(entry: Entry) -> None:
        body = contents.without(entry, "key") | {
            "questions": [{**question, "right": 0} for question in entry["questions"]],
            "items": [{"id": item} for item in planter.ids_of(entry["items"])],
            "guides": [{"id": guide} for guide in planter.ids_of(entry["guides"])],
        }
        piece = await planter.create(EDITOR, "/v1/learning", body, existing)
        await planter.post_unless_done(EDITOR, f"/v1/learning/{piece}/publish")

    await for_each(contents.entries("learning"), write)
