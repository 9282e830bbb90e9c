"""Forms, and ids that nothing has."""

from typing import Any, Final

from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Prepared

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
IDS: Final = (
    "id",
    "proposal_id",
    "record_id",
    "appraisal_id",
    "judgement_id",
    "statement_id",
    "item_id",
    "rendition_id",
    "source_id",
)


async def ids_of_nothing(_world: Any) -> Prepared:
    """Return a value for every parameter of a path: nothing has these ids."""
    values = {"number": "1", "turn": "1", "collection": "guides", "kind": "item", "name": "questions"}
    return {**{name: str(new_id()) for name in IDS}, **values}
