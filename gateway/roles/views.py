"""Bodies and responses about roles."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from gateway.identity.queries import stored_roles
from gateway.identity.tables import Person
from gateway.roles.callers import GrantableRole
from gateway.roles.rules import RoleSource, source_of
from shared.views import Body, View


class PersonRolesView(View):
    person_id: UUID
    name: str | None = Field(description="Of a persona of the demo. Nobody else's name is known here.")
    roles: list[str] = Field(examples=[["approver"]])
    source: RoleSource = Field(
        description="Who gives these roles: an administrator, the identity provider (issuer), or the demo."
    )
    known_since: datetime = Field(description="When the person first signed in here.")

    @classmethod
    def of(cls, person: Person, *, issuer_gives_roles: bool) -> Self:
        """Return the view of a person's roles."""
        return cls(
            person_id=person.id,
            name=person.name,
            roles=stored_roles(person.roles),
            source=source_of(person, issuer_gives_roles=issuer_gives_roles),
            known_since=person.created_at,
        )


class NewRoles(Body):
    roles: Annotated[
        list[GrantableRole],
        Field(max_length=20, description="All roles that the person has from now on.", examples=[["approver"]]),
    ]
