"""The gateway: attempts on the pages of an evidence editor."""

from typing import Any, Final

from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared
from tests.architecture.permissions.gateway_work_guides import WORK_ON_GUIDES

PARAMETERS: Final = ("id", "proposal_id")


async def ids_of_nothing(_world: Any) -> Prepared:
    """Return an id for every parameter of a path: nothing has it."""
    return {**{name: str(new_id()) for name in PARAMETERS}, "number": "1"}


WORK: Final = (Noun("gateway", "work", (Attempt("GET /staff"),), scopes="evidence"), WORK_ON_GUIDES)
