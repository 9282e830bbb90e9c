"""The columns of the table: one caller of each kind."""

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
    """Return the caller with this role."""
    return person(_id(column), ROLES[column])


def callers(owner: Caller | None, scopes: str) -> dict[str, Caller]:
    """Return the callers by column. `scopes` is the family of scopes that applies to the resources, such as `evidence`.

    `owner` is left out where resources have none. There are three partners' keys: one may read this family, one may
    write it, and one has all scopes of the other families.
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
