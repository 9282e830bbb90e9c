"""A person's own access needs by HTTP: asked once, used for every registration."""

from fastapi import Response
from pydantic import ConfigDict

from services.engagement.callers import Contributor
from services.engagement.directory.people import queries
from services.engagement.directory.people.access_needs import Cipher, Needs
from services.engagement.directory.people.tables import Person
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import PreconditionFailed, PreconditionRequired, documented
from shared.views import Body, View

people = create_router("/v1/me", "People")


class AccessNeeds(Body):
    """What you need to take part, in your own words. Only you and the people who plan an assembly see it."""

    model_config = ConfigDict(json_schema_extra={"example": {"access_needs": ["step-free way in", "BSL interpreter"]}})

    access_needs: Needs


class AccessNeedsView(View):
    """What you told us you need."""

    access_needs: list[str]


class Never(View):
    """Nothing has been told yet: version 0."""

    version: int = 0


@people.get("/access-needs", response_model=AccessNeedsView)
async def get_access_needs(
    caller: Contributor, session: Reading, cipher: Cipher, response: Response
) -> AccessNeedsView:
    """What you told us you need. A registration starts with this."""
    person = await queries.person(session, caller.id)
    response.headers["ETag"] = f'"{person.version if person else 0}"'
    response.headers["Cache-Control"] = "no-store"
    return AccessNeedsView(access_needs=cipher.decrypt(person.access_needs, person.id) if person else [])


@people.put(
    "/access-needs",
    response_model=AccessNeedsView,
    responses=documented(PreconditionFailed, PreconditionRequired),
)
async def put_access_needs(
    body: AccessNeeds, caller: Contributor, match: IfMatch, uow: Transaction, cipher: Cipher, response: Response
) -> AccessNeedsView:
    """Tell us what you need, once. Registrations that you have made already keep what they have."""
    person = await queries.lock_person(uow.session, caller.id)
    match.check(person or Never())
    stored = cipher.encrypt(body.access_needs, caller.id)
    if person is None:
        person = Person(id=caller.id, access_needs=stored)
        uow.save(person)
    person.access_needs = stored
    await uow.session.flush()
    response.headers["ETag"] = f'"{person.version}"'
    response.headers["Cache-Control"] = "no-store"
    return AccessNeedsView(access_needs=body.access_needs)
