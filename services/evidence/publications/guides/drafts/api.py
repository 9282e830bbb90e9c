"""Drafts of guides over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Response

from services.evidence.callers import EditorOrPartner
from services.evidence.library.renditions.queries import GuideNotFound
from services.evidence.library.renditions.rules import GuideIsWithdrawn
from services.evidence.publications.guides import views
from services.evidence.publications.guides.documents.content import GuideContent
from services.evidence.publications.guides.drafts import commands
from services.evidence.publications.guides.drafts.rules import NeverPublished
from services.evidence.publications.guides.editions.queries import load_next_edition
from services.evidence.publications.guides.presenter import respond
from services.evidence.publications.guides.rules import NoDraft
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/guides", "Guides")

GuidePatch = Annotated[
    dict[str, Any],
    FromBody(
        media_type="application/merge-patch+json",
        description="A JSON Merge Patch (RFC 7396). The list of statements is replaced as a whole.",
    ),
]


@router.post("", status_code=201, response_model=views.GuideDraftView, responses=documented(Invalid))
async def create_guide(content: GuideContent, caller: EditorOrPartner, uow: Transaction) -> Response:
    """Create a guide as a draft. It may be incomplete until it is submitted; only editors see it until published."""
    snapshot = await commands.create_guide(uow, content, caller)
    return respond(snapshot, status=201, location=f"/v1/guides/{snapshot.guide.id}", caller=caller)


@router.get(
    "/{guide_id}/draft",
    response_model=views.GuideDraftView,
    responses=documented(GuideNotFound, GuideIsWithdrawn, NoDraft),
)
async def get_guide_draft(guide_id: UUID, caller: EditorOrPartner, session: Reading) -> Response:
    """Return the next edition as it is being written, with what is missing and what has happened to cited items."""
    return respond(await load_next_edition(session, guide_id), caller=caller)


@router.patch(
    "/{guide_id}",
    response_model=views.GuideDraftView,
    responses=documented(GuideNotFound, GuideIsWithdrawn, Invalid, PreconditionFailed, PreconditionRequired),
)
async def update_guide(
    guide_id: UUID, patch: GuidePatch, match: IfMatch, caller: EditorOrPartner, uow: Transaction
) -> Response:
    """Change the draft of the next edition, or begin one; the published edition stays as it is.

    Statements keep their ids in all editions: send each with its id, in the order in which they are to appear. A guide
    in review returns to its authors. `If-Match` takes the ETag of the guide or of its draft.
    """
    return respond(await commands.update_guide(uow, guide_id, patch, match, caller), caller=caller)


@router.delete(
    "/{guide_id}/draft",
    status_code=204,
    responses=documented(
        GuideNotFound, GuideIsWithdrawn, NoDraft, NeverPublished, PreconditionFailed, PreconditionRequired
    ),
)
async def delete_guide_draft(guide_id: UUID, match: IfMatch, _caller: EditorOrPartner, uow: Transaction) -> None:
    """Discard the next edition. The published one stays, and decisions about its flags must be made again."""
    await commands.discard_draft(uow, guide_id, match)
