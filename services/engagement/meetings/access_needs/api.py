"""A person's own access needs by HTTP: what is saved here reaches the registrations."""

from fastapi import Depends, Response
from pydantic import ConfigDict

from services.engagement.callers import Contributor
from services.engagement.directory.access_needs.api import AccessNeedsView
from services.engagement.directory.access_needs.cipher import AccessNeeds, Cipher
from services.engagement.meetings.access_needs import commands
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.persistence.dependencies import Transaction
from shared.problems import PreconditionFailed, PreconditionRequired, documented
from shared.views import Body

router = create_router("/v1/me", "People")


class AccessNeedsRequest(Body):
    """What you need to take part, in your own words. Only you and the people who plan an assembly see it."""

    model_config = ConfigDict(json_schema_extra={"example": {"access_needs": ["step-free way in", "BSL interpreter"]}})

    access_needs: AccessNeeds


@router.put(
    "/access-needs",
    response_model=AccessNeedsView,
    responses=documented(PreconditionFailed, PreconditionRequired),
    dependencies=[Depends(NO_STORE)],
)
async def update_access_needs(
    body: AccessNeedsRequest,
    caller: Contributor,
    match: IfMatch,
    uow: Transaction,
    cipher: Cipher,
    response: Response,
) -> AccessNeedsView:
    """Save what you need, for every registration from now on, and for those that you have made.

    Registrations for meetings that are over keep what they have, and so do those for which you gave other needs.
    """
    person = await commands.update_access_needs(uow, body.access_needs, caller, match, cipher)
    await flush_and_tag(uow, response, person)
    return AccessNeedsView(access_needs=body.access_needs)
