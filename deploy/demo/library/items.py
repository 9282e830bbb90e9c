"""Topics, and the evidence under them: studies by import, accounts and practice by those who give them."""

from typing import Any

import orjson

from deploy.demo.client import poll_until
from deploy.demo.library import contents
from deploy.demo.library.contents import Entry
from deploy.demo.library.planter import Planter, for_each, idempotency_key, unless_done

EDITOR, SECOND_EDITOR = "evidence-editor", "guide-reviewer"
FILE_NAME = "demo-library.json"
NOT_FIELDS = ("key", "by", "published", "proposal")


async def plant_topics(planter: Planter) -> None:
    existing = await planter.titles(EDITOR, "/v1/topics", name="name")
    for topic in contents.entries("topics"):
        body = contents.without(topic, "key")
        planter.ids[topic["key"]] = await planter.create(EDITOR, "/v1/topics", body, existing, name="name")


async def plant_items(planter: Planter) -> None:
    """Import the studies, and add what people give, with other words that one of them is asked about."""
    await _import_studies(planter)
    existing = await planter.titles(EDITOR, "/v1/evidence?status=draft") | await planter.titles(EDITOR, "/v1/evidence")

    async def contribute(entry: Entry) -> None:
        item = await planter.create(entry["by"], "/v1/evidence", described(planter, entry), existing)
        planter.ids[entry["key"]] = item
        if entry.get("published", True):
            await planter.post_unless_done(EDITOR, f"/v1/evidence/{item}/publish")
        if proposal := entry.get("proposal"):
            change = planter.clients[proposal["by"]].patch(f"/v1/evidence/{item}", proposal["changes"])
            await unless_done(change)

    accounts = [{"way_of_knowing": "lived_experience", **entry} for entry in contents.entries("accounts")]
    practice = [{"way_of_knowing": "practice_knowledge", **entry} for entry in contents.entries("practice")]
    await for_each([*accounts, *practice], contribute)


def described(planter: Planter, entry: Entry) -> Entry:
    """Return the entry as the API takes it."""
    return {
        **contents.without(entry, *NOT_FIELDS),
        "summary": contents.noted(entry["summary"], entry.get("language", "en")),
        "topics": planter.ids_of(entry["topics"]),
    }


async def _import_studies(planter: Planter) -> None:
    """Import the studies as an editor takes over what another library exported, each under its own topics."""
    editor = planter.clients[EDITOR]
    jobs = [job["id"] async for job in planter.list(EDITOR, "/v1/imports") if job["file_name"] == FILE_NAME]
    if not jobs:
        key = {"Idempotency-Key": idempotency_key("/v1/imports", FILE_NAME)}
        jobs = [(await editor.upload("/v1/imports", FILE_NAME, studies_file(), headers=key, publish="true"))["id"]]
    address = f"/v1/imports/{jobs[0]}"
    await poll_until("the import", lambda: editor.get(address), lambda job: job["status"] in ("done", "failed"))
    keys = [study["key"] for study in contents.entries("studies")]
    async for record in planter.list(EDITOR, f"{address}/records"):
        planter.ids[keys[record["number"] - 1]] = record["item_id"]


def studies_file() -> bytes:
    """Return the studies as CSL-JSON that has, beside the title, each item as a library like this one describes it."""
    names = {topic["key"]: topic["name"] for topic in contents.entries("topics")}
    return orjson.dumps([_exported(study, names) for study in contents.entries("studies")])


def _exported(study: Entry, topic_names: dict[str, str]) -> dict[str, Any]:
    common = ("title", "country", "setting", "language")
    details = contents.without(study, "key", "topics", "summary", "doi", *common)
    item = {
        **{name: study[name] for name in common if name in study},
        "way_of_knowing": "research",
        "summary": contents.noted(study["summary"], study.get("language", "en")),
        "topics": [topic_names[key] for key in study["topics"]],
        "details": {
            **details,
            "publisher": contents.PUBLISHER,
            "identifiers": [{"scheme": "doi", "value": f"{contents.DOI_PREFIX}{study['doi']}"}],
        },
    }
    return {"type": "document", "title": study["title"], "custom": {"impact": item}}
