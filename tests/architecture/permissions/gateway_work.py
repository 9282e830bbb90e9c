"""The gateway: attempts on the pages of an evidence editor."""

from typing import Any, Final

from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared

PARAMETERS: Final = ("id", "proposal_id")


async def ids_of_nothing(_world: Any) -> Prepared:
    """Return an id for every parameter of a path: nothing has it."""
    return {**{name: str(new_id()) for name in PARAMETERS}, "number": "1"}


EVIDENCE: Final = "/staff/evidence/{id}"
BULK_CHANGE: Final = "/staff/bulk-changes/{id}"
WORK: Final = (
    Noun("gateway", "work", (Attempt("GET /staff"),), scopes="evidence"),
    Noun(
        "gateway",
        "items at work",
        (
            Attempt("GET /staff/evidence"),
            Attempt("GET /staff/evidence/new"),
            Attempt("POST /staff/evidence/new"),
            Attempt(f"GET {EVIDENCE}", ids_of_nothing),
            *(
                Attempt(f"{method} {EVIDENCE}/{page}", ids_of_nothing)
                for page in ("edit", "publish", "withdraw", "notice", "versions/{number}/erase")
                for method in ("GET", "POST")
            ),
            Attempt("GET /staff/proposals"),
            Attempt("GET /staff/proposals/{id}", ids_of_nothing),
            Attempt("POST /staff/proposals/{id}", ids_of_nothing),
            Attempt("GET /staff/bulk-changes"),
            Attempt("GET /staff/bulk-changes/new"),
            Attempt("POST /staff/bulk-changes/new"),
            Attempt(f"GET {BULK_CHANGE}", ids_of_nothing),
            Attempt(f"GET {BULK_CHANGE}/confirm", ids_of_nothing),
            Attempt(f"POST {BULK_CHANGE}/confirm", ids_of_nothing),
        ),
        scopes="evidence",
    ),
)
