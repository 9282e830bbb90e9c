"""A person's own access needs by HTTP."""

from fastapi import Depends, Response
from pydantic import ConfigDict

from services.engagement.callers import Contributor
from services.engagement.directory.access_needs import commands, queries
from services.engagement.directory.access_needs.cipher import AccessNeeds, Cipher
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, combined, set_etag
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import PreconditionFailed, PreconditionRequired, documented
from shared.views import Body, View

router = create_router("/v1/me", "People")


class AccessNeedsRequest(Body):
    """What you need to take part, in your own words. Only you and the people who plan an assembly see it."""

    model_config = ConfigDict(json_schema_extra={"example": {"access_needs": ["step-free way in", "BSL interpreter"]}})

    access_needs: AccessNeeds


class AccessNeedsView(View):
    """What you told us you need."""

    access_needs: list[str]


@router.get("/access-needs", response_model=AccessNeedsView, dependencies=[Depends(NO_STORE)])
async def get_access_needs(
    caller: Contributor, session: Reading, cipher: Cipher, response: Response
) -> AccessNeedsView:
    """Return what you told us you need. A registration starts with it."""
    person = await queries.find_person(session, caller.id)
    set_etag(response, person or combined())
    return AccessNeedsView(access_needs=cipher.decrypt(person.access_needs, person.id) if person else [])


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
    """Save what you need, for every registration from now on. Those that you have made already keep what they have."""
    person = await commands.update_access_needs(uow, body.access_needs, caller, match, cipher)
    await flush_and_tag(uow, response, person)
    return AccessNeedsView(access_needs=body.access_needs)
