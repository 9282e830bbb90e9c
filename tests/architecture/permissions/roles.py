"""The columns of the table: everybody who may call, one of each kind."""

from typing import Final
from uuid import UUID

from shared.callers import Caller, Role, person

NOBODY: Final = "nobody"
OWNER: Final = "owner"
ROLES: Final = {
    "editor": Role.EVIDENCE_EDITOR,
    "engagement": Role.ENGAGEMENT_OFFICER,
    "facilitator": Role.FACILITATOR,
    "funding": Role.FUNDING_OFFICER,
    "approver": Role.APPROVER,
    "finance": Role.FINANCE,
    "administrator": Role.ADMINISTRATOR,
    "partner": Role.PARTNER,
}
SCOPES: Final = frozenset(
    f"{family}:{kind}"
    for family in ("evidence", "surveys", "assemblies", "projects", "funding")
    for kind in ("read", "write")
)
COLUMNS: Final = (NOBODY, "person", OWNER, *ROLES, "reader", "writer", "elsewhere")


def staff(column: str) -> Caller:
    """The person who tries as this role."""
    return person(_id(column), ROLES[column])


def callers(owner: Caller | None, scopes: str) -> dict[str, Caller]:
    """Who tries, by column. `scopes` is the family whose scopes the things in question take, such as `evidence`.

    The owner is left out where things are nobody's. Three keys of partners try: one may read this family, one may
    write it, and one may do everything elsewhere.
    """
    own = {f"{scopes}:read", f"{scopes}:write"}
    keys = {"reader": {f"{scopes}:read"}, "writer": {f"{scopes}:write"}, "elsewhere": SCOPES - own}
    return {
        NOBODY: Caller(),
        "person": person(_id("person")),
        **({OWNER: owner} if owner else {}),
        **{column: staff(column) for column in ROLES},
        **{column: Caller(_id(column), "client", scopes=frozenset(held)) for column, held in keys.items()},
    }


def _id(column: str) -> UUID:
    return UUID(f"01900000-0000-7000-8000-{COLUMNS.index(column) + 0xA000:012x}")
