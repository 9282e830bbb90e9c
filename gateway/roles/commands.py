"""Giving and taking roles."""

from collections.abc import Collection
from uuid import UUID

from gateway.credentials.revocations import announce_revocation
from gateway.identity.commands import end_all_sessions
from gateway.identity.queries import stored_roles
from gateway.identity.tables import Person
from gateway.roles import queries, rules
from gateway.roles.callers import ADMINISTRATOR
from shared.callers import Role
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import NotAllowed


async def replace_roles(
    uow: UnitOfWork,
    caller_id: UUID,
    person_id: UUID,
    roles: Collection[Role],
    match: Match,
    *,
    issuer_gives_roles: bool,
    ways: rules.SignInWays,
) -> Person:
    """Give the person these roles and no others. A role taken ends all their sessions at once.

    Raises NotAllowed where somebody took the caller's role a moment ago, PersonNotFound, PreconditionRequired,
    PreconditionFailed, RolesGivenByIssuer, RolesOfTheDemo, LastAdministrator.
    """
    await queries.lock_roles(uow.session)
    if not await queries.is_administrator(uow.session, caller_id):
        raise NotAllowed
    person = await queries.get_person(uow.session, person_id, personas=ways.personas, lock=True)
    match.check(person)
    rules.check_source(rules.source_of(person, issuer_gives_roles=issuer_gives_roles))
    others = await queries.count_other_administrators(uow.session, person, ways)
    rules.check_administrators(person.roles, roles, others)
    await _change_roles(uow, person, stored_roles(roles))
    return person


async def make_administrator(uow: UnitOfWork, person: Person, *, issuer_gives_roles: bool) -> bool:
    """Give the person the role of administrator. Returns whether they did not have it. Raises RolesGivenByIssuer."""
    rules.check_source(rules.source_of(person, issuer_gives_roles=issuer_gives_roles))
    if ADMINISTRATOR in person.roles:
        return False
    await _change_roles(uow, person, stored_roles([*person.roles, ADMINISTRATOR]))
    return True


async def _change_roles(uow: UnitOfWork, person: Person, roles: list[str]) -> None:
    taken = set(stored_roles(person.roles)) - set(roles)
    if person.roles == roles:
        return
    person.roles = roles
    if taken:
        await end_all_sessions(uow.session, person.id)
    else:
        await announce_revocation(uow.session, person.id)  # what was cached of them has the roles from before
