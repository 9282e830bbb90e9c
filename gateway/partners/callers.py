"""Who may manage API clients, and which scopes they may give to them."""

from collections.abc import Iterable
from typing import Annotated, Final

from fastapi import Depends

from shared.callers import Caller, Role, allow

PartnerOrAdministrator = Annotated[Caller, Depends(allow(Role.PARTNER, Role.ADMINISTRATOR))]
PUBLIC_SCOPES: Final = ("evidence:read", "surveys:read", "assemblies:read", "projects:read")
"""Scopes that a partner may give its own clients: they read nothing that the public may not read."""
ROLE_SCOPES: Final = (
    "evidence:write", "surveys:write", "assemblies:write", "projects:write", "funding:read", "funding:write",
)  # fmt: skip
"""Scopes that services accept in place of a role: only an administrator gives them, and answers for the client."""
SCOPES: Final = (*PUBLIC_SCOPES, *ROLE_SCOPES)


def grantable_scopes(roles: Iterable[str]) -> frozenset[str]:
    """Return the scopes that someone with these roles may give to a client of theirs."""
    role_names = set(roles)
    if Role.ADMINISTRATOR in role_names:
        return frozenset(SCOPES)
    return frozenset(PUBLIC_SCOPES if Role.PARTNER in role_names else ())
