"""The page of one guide in work: its next edition or its published one, with what can be done with it."""

import asyncio
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from gateway.web.api_client import Document, PublicApi
from gateway.web.forms import Form
from gateway.web.idempotency_keys import new_key
from gateway.web.layout.page import WebPage
from gateway.web.work.guides import choices
from gateway.web.work.guides.drafts import GuideDraft, find_draft
from gateway.web.work.guides.evidence import MAX_ITEMS, load_evidence, load_instruments

TEMPLATE: Final = "work/guides/templates/guide.html"
MAX_EDITIONS: Final = 20
FIELDS: Final = {
    "text": "#text",
    "what_to_try": "#what_to_try",
    "conditions": "#conditions",
    "cost": "#cost_level",
    "effort": "#effort_level",
    "confidence": "#sure",
    "citations": "#evidence",
}
"""Where the page of a statement has what the API calls so."""


async def show_guide(
    page: WebPage,
    api: PublicApi,
    id: UUID,
    form: Form,
    *,
    status: int = 200,
    done: str = "",
    deleted: Document | None = None,
) -> Response:
    """Return the page of a guide. Raises ApiRefusal where there is none, or it was withdrawn."""
    current, draft = await asyncio.gather(api.read(f"/v1/guides/{id}"), find_draft(api, id))
    published = current.document if current.document["status"] == "published" else None
    guide: Document = draft.document if draft else current.document
    citations = [citation for statement in guide["statements"] for citation in statement["citations"]]
    asides: list[Any] = await asyncio.gather(
        load_evidence(api, citations, most=MAX_ITEMS),
        load_instruments(api),
        api.find_aside(f"/v1/guides/{id}/versions", limit=MAX_EDITIONS) if published else _nothing(),
        api.find_aside(f"/v1/guides/{id}/renditions") if published else _nothing(),
        *(api.find_aside(f"/v1/topics/{topic}") for topic in guide["topics"]),
    )
    evidence, instruments, editions, renditions, *topics = asides
    return page.render(
        TEMPLATE,
        status=status,
        form=form,
        guide=guide,
        published=published,
        draft=draft,
        obstacles=_obstacles(draft) if draft else [],
        evidence_of=evidence,
        instruments=instruments,
        editions=editions.get("items", ()),
        renditions=renditions.get("items", ()),
        topics=[topic for topic in topics if topic],
        choices=choices,
        fields_of=FIELDS,
        key=new_key(),
        done=done,
        deleted=deleted,
    )


def _obstacles(draft: GuideDraft) -> list[dict[str, str]]:
    """Return what is missing, each with the page on which it is written and the statement that it is about."""
    path = f"/staff/guides/{draft.document['id']}"
    obstacles: list[dict[str, str]] = []
    for obstacle in draft.document["obstacles"]:
        names = obstacle["pointer"].strip("/").split("/")
        if names[0] == "statements" and len(names) > 1:
            statement = draft.document["statements"][int(names[1])]
            field = FIELDS.get(names[2], "") if len(names) > 2 else ""
            href = f"{path}/statements/{statement['id']}{field}"
            obstacles.append({"detail": obstacle["detail"], "href": href, "about": statement["text"]})
        else:
            href = f"{path}/statements/new" if names[0] == "statements" else f"{path}/details"
            obstacles.append({"detail": obstacle["detail"], "href": href, "about": ""})
    return obstacles


async def _nothing() -> Document:
    return {}
