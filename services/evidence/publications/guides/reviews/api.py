"""Reviews of guides over HTTP."""

from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.evidence.callers import Editor, EditorOrPartner
from services.evidence.library.renditions.queries import GuideNotFound
from services.evidence.library.renditions.rules import GuideIsWithdrawn
from services.evidence.publications.guides import views
from services.evidence.publications.guides.documents.plain_text import PlainText
from services.evidence.publications.guides.presenter import respond
from services.evidence.publications.guides.reviews import commands, rules
from services.evidence.publications.guides.rules import NoDraft
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.persistence.dependencies import Transaction
from shared.problems import PreconditionFailed, documented
from shared.views import Body

router = create_router("/v1/guides", "Guides")


class GuideReturn(Body):
    """What the reviewer asks for before the guide can be published. Only editors see it."""

    because: PlainText = Field(min_length=1)


@router.post(
    "/{guide_id}/submit",
    response_model=views.GuideDraftView,
    responses=documented(GuideNotFound, GuideIsWithdrawn, NoDraft, rules.AlreadyInReview, rules.GuideIncomplete),
)
async def submit_guide(guide_id: UUID, caller: EditorOrPartner, uow: Transaction) -> Response:
    """Submit the draft for review by any editor who did not write in it."""
    return respond(await commands.submit_guide(uow, guide_id), caller=caller)


@router.post(
    "/{guide_id}/return",
    response_model=views.GuideDraftView,
    responses=documented(GuideNotFound, GuideIsWithdrawn, NoDraft, rules.NotInReview),
)
async def return_guide(guide_id: UUID, body: GuideReturn, caller: Editor, uow: Transaction) -> Response:
    """Return the draft to its authors, and say what it needs."""
    return respond(await commands.return_guide(uow, guide_id, body.because), caller=caller)


@router.post(
    "/{guide_id}/publish",
    response_model=views.GuideView,
    responses=documented(
        GuideNotFound,
        GuideIsWithdrawn,
        NoDraft,
        rules.NotInReview,
        rules.OwnWork,
        rules.GuideIncomplete,
        rules.CannotBeCited,
        PreconditionFailed,
    ),
)
async def publish_guide(guide_id: UUID, match: IfMatch, caller: Editor, uow: Transaction) -> Response:
    """Publish the draft in place of the previous edition. Nobody who wrote in it can do this.

    Send `If-Match` to publish only what you have read. A draft that cites an item that has been withdrawn is refused.
    """
    return respond(await commands.publish_guide(uow, guide_id, caller, match))
