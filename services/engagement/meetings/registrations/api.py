"""Registrations by HTTP."""

from uuid import UUID

from fastapi import Depends, Response
from pydantic import ConfigDict

from services.engagement.callers import Contributor, is_officer
from services.engagement.directory.access_needs.cipher import AccessNeeds, AccessNeedsCipher, Cipher
from services.engagement.meetings.assemblies import rules as assembly_rules
from services.engagement.meetings.assemblies.queries import AssemblyNotFound
from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.registrations import commands, queries, rules
from services.engagement.meetings.registrations.commands import RegistrationWithAssembly
from services.engagement.meetings.registrations.views import RegistrationView
from shared.callers import Caller
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import PreconditionFailed, PreconditionRequired, documented
from shared.views import Body

router = create_router("/v1/assemblies/{assembly_id}/registrations", "Assemblies")


class RegistrationRequest(Body):
    """A place for the caller. Without access needs, those saved under /v1/me/access-needs are used."""

    model_config = ConfigDict(json_schema_extra={"example": {"access_needs": ["step-free way in"]}})

    access_needs: AccessNeeds | None = None


class RegistrationPatch(Body):
    """What you need at this assembly alone; null to follow again what you saved under /v1/me/access-needs."""

    model_config = ConfigDict(json_schema_extra={"example": {"access_needs": ["a seat near the door"]}})

    access_needs: AccessNeeds | None


def _visible_person(caller: Caller) -> UUID | None:
    """Return whose registrations the caller sees: None for everyone's, which engagement officers see."""
    return None if is_officer(caller) else caller.id


@router.post(
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
    dependencies=[Depends(NO_STORE)],
)
async def create_registration(
    assembly_id: UUID,
    body: RegistrationRequest,
    caller: Contributor,
    uow: Transaction,
    cipher: Cipher,
    response: Response,
) -> RegistrationView:
    """Take a place. Each person may take one, and never more are taken than there are."""
    result = await commands.create_registration(uow, assembly_id, body.access_needs, caller, cipher)
    response.headers["Location"] = f"/v1/assemblies/{assembly_id}/registrations/{result.registration.id}"
    return await _changed(uow, response, result, cipher)


@router.get(
    "",
    response_model=Page[RegistrationView],
    responses=documented(AssemblyNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def list_registrations(
    assembly_id: UUID, caller: Contributor, session: Reading, paging: Paging, cipher: Cipher
) -> Page[RegistrationView]:
    """List the registrations: all of them for an engagement officer, their own for everyone else."""
    assembly = await fetch(session, Assembly, assembly_id, missing=AssemblyNotFound)
    statement = queries.select_registrations(assembly_id, _visible_person(caller))
    return await paginate(
        session, statement, paging, key=queries.OLDEST, view=lambda row: RegistrationView.of(row, assembly, cipher)
    )


@router.get(
    "/{registration_id}",
    response_model=RegistrationView,
    responses=documented(queries.RegistrationNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def get_registration(
    assembly_id: UUID, registration_id: UUID, caller: Contributor, session: Reading, cipher: Cipher, response: Response
) -> RegistrationView:
    """Return one registration, for its person or an engagement officer."""
    registration = await queries.get_registration(session, assembly_id, registration_id, _visible_person(caller))
    assembly = await fetch(session, Assembly, assembly_id, missing=AssemblyNotFound)
    set_etag(response, rules.RegistrationVersion(registration, assembly))
    return RegistrationView.of(registration, assembly, cipher)


@router.patch(
    "/{registration_id}",
    response_model=RegistrationView,
    responses=documented(
        AssemblyNotFound,
        queries.RegistrationNotFound,
        rules.RegistrationCancelled,
        rules.NeedsTooLate,
        PreconditionFailed,
        PreconditionRequired,
    ),
    dependencies=[Depends(NO_STORE)],
)
async def update_registration(
    assembly_id: UUID,
    registration_id: UUID,
    body: RegistrationPatch,
    caller: Contributor,
    match: IfMatch,
    uow: Transaction,
    cipher: Cipher,
    response: Response,
) -> RegistrationView:
    """Change what the person needs at this assembly alone, until it ends."""
    result = await commands.update_needs(
        uow, assembly_id, registration_id, body.access_needs, _visible_person(caller), match, cipher
    )
    return await _changed(uow, response, result, cipher)


@router.post(
    "/{registration_id}/cancel",
    response_model=RegistrationView,
    responses=documented(queries.RegistrationNotFound, rules.AlreadyAttended),
    dependencies=[Depends(NO_STORE)],
)
async def cancel_registration(
    assembly_id: UUID, registration_id: UUID, caller: Contributor, uow: Transaction, cipher: Cipher, response: Response
) -> RegistrationView:
    """Give the place back, so that somebody else may have it. What the person needs there is erased."""
    result = await commands.cancel_registration(uow, assembly_id, registration_id, _visible_person(caller))
    return await _changed(uow, response, result, cipher)


async def _changed(
    uow: UnitOfWork, response: Response, result: RegistrationWithAssembly, cipher: AccessNeedsCipher
) -> RegistrationView:
    """Write the change, and return the view."""
    await flush_and_tag(uow, response, rules.RegistrationVersion(result.registration, result.assembly))
    return RegistrationView.of(result.registration, result.assembly, cipher)
