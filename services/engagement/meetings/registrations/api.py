"""Registrations by HTTP: take a place, give it back, see who comes."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict

from services.engagement.callers import Contributor
from services.engagement.directory.people.access_needs import Cipher, Needs, NeedsCipher
from services.engagement.directory.people.queries import person as person_of
from services.engagement.meetings.assemblies import rules as assembly_rules
from services.engagement.meetings.assemblies.queries import AssemblyNotFound, lock_assembly
from services.engagement.meetings.assemblies.queries import assembly as assembly_of
from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.registrations import queries, rules
from services.engagement.meetings.registrations.tables import Registration
from services.engagement.replicas.topics.rules import seen
from shared import clock
from shared.callers import Caller, Role
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import documented
from shared.views import Body, View

registrations = create_router("/v1/assemblies/{assembly_id}/registrations", "Assemblies")


class RegistrationRequest(Body):
    """A place for the caller. Access needs that are left out are those told once under /v1/me/access-needs."""

    model_config = ConfigDict(json_schema_extra={"example": {"access_needs": ["step-free way in"]}})

    access_needs: Needs | None = None


class RegistrationView(View):
    """A registration as its person or an engagement officer sees it. `attended` is null until it has been recorded.

    `place` says where people meet or, of a meeting online, how; it is null once the registration is cancelled.
    """

    id: UUID
    assembly_id: UUID
    person_id: UUID
    status: Literal["registered", "cancelled"]
    place: str | None
    access_needs: list[str]
    attended: bool | None
    entitled: bool
    created_at: datetime


def shown(registration: Registration, assembly: Assembly, cipher: NeedsCipher) -> RegistrationView:
    told = registration.model_dump(exclude={"access_needs"}) | {
        "place": assembly.place if registration.status == "registered" else None,
        "access_needs": cipher.decrypt(registration.access_needs, registration.id),
    }
    return RegistrationView.model_validate(told)


def _seen_by(caller: Caller) -> UUID | None:
    """Whose registrations: an engagement officer sees everyone's, a person their own."""
    return None if caller.has(Role.ENGAGEMENT_OFFICER) else caller.id


@registrations.post(
    "",
    status_code=201,
    response_model=RegistrationView,
    responses=documented(
        AssemblyNotFound,
        assembly_rules.AssemblyNotOpen,
        assembly_rules.AssemblyOver,
        assembly_rules.AssemblyFull,
        rules.AlreadyRegistered,
    ),
)
async def register(
    assembly_id: UUID,
    body: RegistrationRequest,
    caller: Contributor,
    uow: Transaction,
    cipher: Cipher,
    response: Response,
) -> RegistrationView:
    """Take a place. One for each person, and never more than there are."""
    assembly = await lock_assembly(uow.session, assembly_id)
    known = await queries.registration_of_person(uow.session, assembly_id, caller.id)
    registration = rules.register_again(known)
    assembly_rules.take_place(assembly, clock.today())
    needs = body.access_needs
    if needs is None:
        person = await person_of(uow.session, caller.id)
        needs = cipher.decrypt(person.access_needs, person.id) if person else []
    if registration is None:
        fresh = new_id()
        registration = Registration(
            id=fresh, assembly_id=assembly_id, person_id=caller.id, access_needs=cipher.encrypt(needs, fresh)
        )
        uow.save(registration)
    else:
        registration.status = "registered"
        registration.access_needs = cipher.encrypt(needs, registration.id)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/assemblies/{assembly_id}/registrations/{registration.id}"
    return _answered(response, registration, assembly, cipher)


@registrations.get("", response_model=Page[RegistrationView], responses=documented(AssemblyNotFound))
async def list_registrations(
    assembly_id: UUID, caller: Contributor, session: Reading, paging: Paging, cipher: Cipher, response: Response
) -> Page[RegistrationView]:
    """Who comes: everyone for an engagement officer, for others their own registration."""
    assembly = await assembly_of(session, assembly_id)
    response.headers["Cache-Control"] = "no-store"
    statement = queries.registrations_of(assembly_id, _seen_by(caller))
    return await paginate(session, statement, paging, key=queries.OLDEST, view=lambda row: shown(row, assembly, cipher))


@registrations.get(
    "/{registration_id}", response_model=RegistrationView, responses=documented(queries.RegistrationNotFound)
)
async def get_registration(
    assembly_id: UUID, registration_id: UUID, caller: Contributor, session: Reading, cipher: Cipher, response: Response
) -> RegistrationView:
    """One registration, for its person or an engagement officer."""
    found = await queries.registration(session, assembly_id, registration_id, _seen_by(caller))
    return _answered(response, found, await assembly_of(session, assembly_id), cipher)


@registrations.post(
    "/{registration_id}/cancellation",
    response_model=RegistrationView,
    responses=documented(queries.RegistrationNotFound, rules.AlreadyAttended),
)
async def cancel_registration(
    assembly_id: UUID, registration_id: UUID, caller: Contributor, uow: Transaction, cipher: Cipher, response: Response
) -> RegistrationView:
    """Give the place back, so that somebody else may have it."""
    assembly = await lock_assembly(uow.session, assembly_id)
    registration = await queries.registration(uow.session, assembly_id, registration_id, _seen_by(caller), lock=True)
    if rules.cancel(registration):
        assembly_rules.give_place_back(assembly)
    await uow.session.flush()
    return _answered(response, registration, assembly, cipher)


def _answered(
    response: Response, registration: Registration, assembly: Assembly, cipher: NeedsCipher
) -> RegistrationView:
    set_etag(response, seen(registration, assembly))
    response.headers["Cache-Control"] = "no-store"
    return shown(registration, assembly, cipher)
