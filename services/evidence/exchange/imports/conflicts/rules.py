"""What becomes of an item whose editor accepts the value of a record."""

from typing import Any

from services.evidence.exchange.imports.conflicts.tables import ConflictStatus
from services.evidence.library.items.identifiers.rules import WORK_SCHEMES
from shared.problems import Conflict


class ConflictDecided(Conflict):
    title = "This has been decided"
    detail = "The decision stands. To change the item, send a PATCH to /v1/evidence/{item_id}."


def check_open(status: ConflictStatus, item_id: object) -> None:
    """Raise ConflictDecided."""
    if status != "open":
        raise ConflictDecided(item_id=item_id)


def accepted(description: dict[str, Any], field: str, value: Any) -> dict[str, Any]:  # noqa: ANN401  of any field
    """Return the description with the value of the record. An identifier takes the place of one of its scheme."""
    if field != "identifiers":
        return {**description, field: value}
    replaced = value["scheme"] if value["scheme"] in WORK_SCHEMES else None
    names: list[dict[str, str]] = description.get(field) or []
    others = [name for name in names if name["scheme"] != replaced and name != value]
    return {**description, field: [*others, value]}
