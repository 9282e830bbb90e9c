"""Who may see and give roles, and which roles can be given."""

from typing import Annotated, Final, Literal

from fastapi import Depends

from shared.callers import Caller, Role, allow

Administrator = Annotated[Caller, Depends(allow(Role.ADMINISTRATOR))]
ADMINISTRATOR: Final = Role.ADMINISTRATOR
GrantableRole = Literal[
    Role.EVIDENCE_EDITOR,
    Role.ENGAGEMENT_OFFICER,
    Role.FACILITATOR,
    Role.FUNDING_OFFICER,
    Role.APPROVER,
    Role.FINANCE,
    Role.ADMINISTRATOR,
    Role.PARTNER,
]
"""All but that of contributor, which everyone has who signs in."""
