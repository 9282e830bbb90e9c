"""Changes of registrations."""

from typing import NamedTuple
from uuid import UUID

from services.engagement.directory.access_needs.cipher import AccessNeedsCipher
from services.engagement.directory.access_needs.queries import list_access_needs, lock_access_needs
from services.engagement.meetings.assemblies import rules as assembly_rules
from services.engagement.meetings.assemblies.queries import AssemblyNotFound
from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.registrations import queries, rules
from services.engagement.meetings.registrations.tables import Registration
from services.engagement.replicas.entitlements.queries import is_entitled
from services.engagement.replicas.entitlements.tables import Entitlement
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.messaging.replicas import lock_replica
from shared.persistence.fetch import fetch
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import UnitOfWork


class RegistrationWithAssembly(NamedTuple):
    """A registration and the assembly that it is for."""

    registration: Registration
    assembly: Assembly


async def create_registration(
    uow: UnitOfWork, assembly_id: UUID, needs: list[str] | None, caller: Caller, cipher: AccessNeedsCipher
) -> RegistrationWithAssembly:
    """Take a place for the caller. Without `needs`, their saved access needs are used, and followed.

    Raises AssemblyNotFound, AlreadyRegistered, AssemblyNotOpen, AssemblyOver, AssemblyFull.
    """
    if needs is None:
        await lock_access_needs(uow.session, caller.id)
    assembly = await fetch(uow.session, Assembly, assembly_id, missing=AssemblyNotFound, key_share=True)
    cancelled = await queries.lock_registration_of(uow.session, assembly_id, caller.id)
    rules.check_not_registered(cancelled)
    assembly_rules.take_place(assembly, clock.now())
    own_needs = needs is not None
    if needs is None:
        needs = await list_access_needs(uow.session, caller.id, cipher)
    registration_id = cancelled.id if cancelled else new_id()
    ciphertext = cipher.encrypt(needs, registration_id)
    if cancelled is not None:
        cancelled.status, cancelled.access_needs, cancelled.own_needs = "registered", ciphertext, own_needs
        return RegistrationWithAssembly(cancelled, assembly)
    registration = Registration(
        id=registration_id,
        assembly_id=assembly_id,
        person_id=caller.id,
        access_needs=ciphertext,
        own_needs=own_needs,
    )
    uow.save(registration)
    return RegistrationWithAssembly(registration, assembly)


async def cancel_registration(
    uow: UnitOfWork, assembly_id: UUID, registration_id: UUID, person_id: UUID | None
) -> RegistrationWithAssembly:
    """Give the place back, and erase what the person needs; of any person where `person_id` is None.

    Raises AssemblyNotFound, RegistrationNotFound, AlreadyAttended.
    """
    assembly = await fetch(uow.session, Assembly, assembly_id, missing=AssemblyNotFound, key_share=True)
    registration = await queries.get_registration(uow.session, assembly_id, registration_id, person_id, lock=True)
    if rules.cancel(registration):
        assembly_rules.release_place(assembly)
    return RegistrationWithAssembly(registration, assembly)


async def update_needs(
    uow: UnitOfWork,
    assembly_id: UUID,
    registration_id: UUID,
    needs: list[str] | None,
    person_id: UUID | None,
    match: Match,
    cipher: AccessNeedsCipher,
) -> RegistrationWithAssembly:
    """Change the access needs of one registration; of any person where `person_id` is None. Without `needs`, they
    follow the person's saved ones again.

    Raises AssemblyNotFound, RegistrationNotFound, RegistrationCancelled, NeedsTooLate, and what `match.check` does.
    """
    registration = await queries.get_registration(uow.session, assembly_id, registration_id, person_id)
    await lock_access_needs(uow.session, registration.person_id)
    assembly = await fetch(uow.session, Assembly, assembly_id, missing=AssemblyNotFound, key_share=True)
    registration = await queries.get_registration(uow.session, assembly_id, registration_id, person_id, lock=True)
    match.check(rules.RegistrationVersion(registration, assembly))
    rules.check_needs_may_change(registration, assembly, clock.now())
    registration.own_needs = needs is not None
    if needs is None:
        needs = await list_access_needs(uow.session, registration.person_id, cipher)
    registration.access_needs = cipher.encrypt(needs, registration.id)
    return RegistrationWithAssembly(registration, assembly)


async def update_entitlement(uow: UnitOfWork, entitlement_id: UUID, registration_id: UUID, *, withdrawn: bool) -> None:
    """Save what funding says of an entitlement, and whether the registration has one that is not withdrawn.

    Raises RegistrationNotFound.
    """
    registration = await fetch(
        uow.session, Registration, registration_id, missing=queries.RegistrationNotFound, lock=True
    )
    initial = Entitlement(id=entitlement_id, registration_id=registration_id)
    if entitlement := await lock_replica(uow, Entitlement, entitlement_id, initial=initial):
        entitlement.withdrawn = withdrawn
        registration.entitled = await is_entitled(uow.session, registration_id)
