"""Where a person's roles come from, and when they may be changed here."""

from collections.abc import Collection
from typing import Literal, NamedTuple

from gateway.identity.tables import Person
from gateway.roles.callers import ADMINISTRATOR
from shared.problems import Conflict, NotFound

RoleSource = Literal["administrator", "issuer", "demo"]


class SignInWays(NamedTuple):
    """How people can sign in by the settings of today."""

    personas: bool
    links: bool
    issuer: str | None


class PersonNotFound(NotFound):
    title = "There is no such person"
    detail = "A person is known here once they have signed in. Their start page shows them the id to give you."


class RolesGivenByIssuer(Conflict):
    title = "The identity provider gives this person's roles"
    detail = (
        "Nothing was changed. Give or take the role where the person's account is; it counts from their next sign-in."
    )


class RolesOfTheDemo(Conflict):
    title = "This is a persona of the demo"
    detail = "Its roles are always the same. Sign in by an e-mail address, and give that person roles."


class LastAdministrator(Conflict):
    title = "This is the last administrator"
    detail = "Without one nobody could give roles. Make somebody else an administrator first."


def source_of(person: Person, *, issuer_gives_roles: bool) -> RoleSource:
    """Return who gives this person's roles: one source each."""
    if person.persona is not None:
        return "demo"
    return "issuer" if person.issuer is not None and issuer_gives_roles else "administrator"


def check_source(source: RoleSource) -> None:
    """Raise RolesGivenByIssuer or RolesOfTheDemo where an administrator does not give these roles."""
    if source == "issuer":
        raise RolesGivenByIssuer
    if source == "demo":
        raise RolesOfTheDemo


def check_administrators(before: Collection[str], after: Collection[str], others: int) -> None:
    """Raise LastAdministrator where this takes the role from the only one who has it and can sign in; `others` can."""
    if ADMINISTRATOR in before and ADMINISTRATOR not in after and not others:
        raise LastAdministrator
