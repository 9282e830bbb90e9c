"""What services answer to the pages while their rights are tried: as much as each page needs to be shown."""

import re
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from shared.problems import NotFound
from tests.gateway.servers import answer_lifespan, respond

ID: Final = "01900000-0000-7000-8000-000000000001"
WAYS: Final = {"research": 0, "lived_experience": 0, "practice_knowledge": 0}
NOTHING: Final[dict[str, Any]] = {"items": [], "next": None, "total": None}
TOPIC: Final[dict[str, Any]] = {"id": ID, "name": "Breaks", "parent_id": None, "synonyms": [], "priority": 50}
DATE: Final = "2026-01-01T00:00:00Z"
SCORE: Final = {"group": "unpaid_carers", "score": 50, "people": 20}
SURVEY: Final = {
    "survey_id": ID,
    "score": 50,
    "respondents": 20,
    "by_group": [SCORE],
    "scored_at": DATE,
}
FEW: Final = {"fewer_than": 20}
ITEM: Final[dict[str, Any]] = {
    "id": ID,
    "way_of_knowing": "research",
    "status": "published",
    "title": "A study",
    "summary": "",
    "topics": [],
    "language": "en",
    "created_at": DATE,
    "updated_at": DATE,
    "published_at": DATE,
    "edition": 1,
    **dict.fromkeys(("country", "setting", "design", "retraction", "period", "service", "population")),
    **dict.fromkeys(("published_in", "volume", "issue", "pages", "publisher", "published_on")),
    "kind": "report",
    "authors": [],
    "identifiers": [],
}
GUIDE: Final[dict[str, Any]] = {
    **{
        name: ITEM[name]
        for name in ("id", "status", "title", "summary", "topics", "language", "published_at", "edition")
    },
    "balance": {**WAYS, "missing": []},
    "statements": [],
}
NODE: Final[dict[str, Any]] = {
    "ref": f"topic:{ID}",
    "kind": "topic",
    "way_of_knowing": None,
    "facts": {},
    "people": None,
    "paid": None,
}
ANSWERS: Final[tuple[tuple[str, Any], ...]] = (
    ("/v1/topics/tree", [{**TOPIC, "coverage": WAYS, "topics": []}]),
    (
        "/v1/topics/[^/]+/coverage",
        {**WAYS, "missing": [], "questions": FEW, "countries": [], "settings": [], "years": []},
    ),
    ("/v1/topics/(?!gaps)[^/]+", {**TOPIC, "priority_basis": {"rule": "", "surveys": [SURVEY], "mentions": []}}),
    ("/v1/(guides/flags|evidence/renditions/outdated|learning)", NOTHING),
    ("/v1/bulk-changes", {**NOTHING, "id": ID}),
    ("/v1/evidence/proposals", {**NOTHING, "total": 0}),
    ("/v1/evidence/[^/]+(/versions/1)?", ITEM),
    ("/v1/guides/[^/]+(/versions/1)?", GUIDE),
    ("/v1/search", {**NOTHING, "total": 0, "contributions": [], "facets": {}, "without": {}}),
    ("/v1/line-of-sight", {"from": f"topic:{ID}", "nodes": [NODE], "links": [], "truncated": False}),
    ("/v1/(duplicates|merges|import-conflicts|evidence/appraisals/(waiting|agreement|instruments))", NOTHING),
    ("/v1/evidence/[^/]+/(appraisals|transferability)", {**NOTHING, "id": ID, "fitting": []}),
    ("/v1/evidence/transferability/criteria", {"parts": [], "rule": ""}),
    ("/v1/(topics|topics/gaps|evidence|evidence-requests/queue|guides|surveys|assemblies)", NOTHING),
    ("/v1/statistics/turnaround", {"since": "2026-01-01", "targets_note": "", "urgencies": []}),
    (
        "/v1/statistics/use-of-answers",
        dict.fromkeys(("answered", "used", "not_used", "not_yet_used", "with_outcome"), FEW),
    ),
    ("/v1/(imports|harvests|retractions)", {**NOTHING, "id": ID}),
)
CHANGES: Final[tuple[tuple[str, Any], ...]] = (
    ("/v1/evidence", ITEM),
    ("/v1/evidence/[^/]+(/publish|/retract)?", ITEM),
    ("/v1/(imports|harvests|retractions|bulk-changes)", {"id": ID}),
)
"""Forms of these succeed only where the service answers with what came of them."""


async def answer_for_pages(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as services in which there is one of each thing; everything else is not found."""
    if scope["type"] == "lifespan":
        await answer_lifespan(receive, send)
        return
    for pattern, document in ANSWERS if scope["method"] == "GET" else CHANGES:
        if re.fullmatch(pattern, scope["path"]):
            body: Any = document
            await respond(send, body, [])
            return
    await NotFound().response("http://service")(scope, receive, send)
