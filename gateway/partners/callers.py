"""Who may manage API clients."""

from typing import Annotated

from fastapi import Depends

from shared.callers import Caller, Role, allow

PartnerOrAdministrator = Annotated[Caller, Depends(allow(Role.PARTNER, Role.ADMINISTRATOR))]
