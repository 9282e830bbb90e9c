"""What happened, given back as evidence: only by the hand of whoever asked."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from services.evidence.callers import Contributor
from services.evidence.publications.requests import queries, rules
from shared.http.conditional_requests import create_router
from shared.persistence.unit_of_work import Reading
from shared.problems import documented
from shared.views import View

router = create_router("/v1/evidence-requests", "evidence requests")


class PrefilledDraft(View):
    """What you may add as evidence of your own, where you want to. Nothing was saved."""

    add_at: str = Field(description="POST the draft here when you have filled it in; an editor looks at it then.")
    draft: dict[str, Any]
    fill_in: list[str] = Field(description="What is missing, which only you can say.")


@router.get(
    "/{request_id}/draft",
    response_model=PrefilledDraft,
    responses=documented(rules.RequestNotFound, rules.NothingToGive),
)
async def prefill_draft(
    request_id: UUID,
    caller: Contributor,
    session: Reading,
    way_of_knowing: Annotated[Literal["practice_knowledge", "lived_experience"], Query()] = "practice_knowledge",
) -> PrefilledDraft:
    """What happened, as the beginning of evidence of your own. Nothing is added unless you add it yourself."""
    found = await queries.request(session, request_id)
    rules.check_is_asker(caller, found)
    if not found.what_happened:
        raise rules.NothingToGive
    topics = (await queries.topics_of(session, [found.id]))[found.id]
    draft: dict[str, Any] = {
        "way_of_knowing": way_of_knowing,
        "topics": topics,
        "country": found.country,
        "setting": found.setting,
    }
    if way_of_knowing == "lived_experience":
        consent = {"to_publish": False, "attribution": "anonymous"}
        draft |= {"account": found.what_happened, "consent": consent}
        return PrefilledDraft(add_at="/v1/evidence", draft=draft, fill_in=["title", "speaks_as", "consent"])
    missing = ["title", "role", "what_was_done", *([] if found.setting else ["setting"])]
    draft |= {"what_happened": found.what_happened}
    return PrefilledDraft(add_at="/v1/evidence", draft=draft, fill_in=missing)
