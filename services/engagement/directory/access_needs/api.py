"""A person's own access needs by HTTP."""

from fastapi import Depends, Response

from services.engagement.callers import Contributor
from services.engagement.directory.access_needs import queries
from services.engagement.directory.access_needs.cipher import Cipher
from shared.http.caching import NO_STORE
from shared.http.conditional_requests import create_router
from shared.http.etags import combined, set_etag
from shared.persistence.dependencies import Reading
from shared.views import View

router = create_router("/v1/me", "People")


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
