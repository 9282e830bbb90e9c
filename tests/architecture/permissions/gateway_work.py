"""The gateway: attempts on the pages of an evidence editor."""

from typing import Any, Final

from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared

PARAMETERS: Final = ("id", "proposal_id")


async def ids_of_nothing(_world: Any) -> Prepared:
    """Return an id for every parameter of a path: nothing has it."""
    return {**{name: str(new_id()) for name in PARAMETERS}, "number": "1"}


async def turn_of_nothing(_world: Any) -> Prepared:
    """Return a question that nobody has asked."""
    return {"id": str(new_id()), "turn": "1"}


QUESTIONS: Final = (
    Attempt("GET /staff/questions"),
    Attempt("GET /staff/questions/figures"),
    Attempt("GET /staff/questions/figures/turnaround.csv"),
    Attempt("GET /staff/questions/figures/use.csv"),
    Attempt("GET /staff/questions/several"),
    Attempt("POST /staff/questions/several"),
    Attempt("GET /staff/questions/several/outcome"),
    Attempt("GET /staff/questions/{id}", ids_of_nothing),
    Attempt("POST /staff/questions/{id}/assign", ids_of_nothing),
    Attempt("POST /staff/questions/{id}/unassign", ids_of_nothing),
    Attempt("GET /staff/questions/{id}/answer", ids_of_nothing),
    Attempt("POST /staff/questions/{id}/answer", ids_of_nothing),
    Attempt("GET /staff/questions/{id}/publish", ids_of_nothing),
    Attempt("POST /staff/questions/{id}/publish", ids_of_nothing),
    Attempt("GET /staff/questions/{id}/unpublish", ids_of_nothing),
    Attempt("POST /staff/questions/{id}/unpublish", ids_of_nothing),
    Attempt("GET /staff/questions/{id}/decide/{turn}", turn_of_nothing),
    Attempt("POST /staff/questions/{id}/decide/{turn}", turn_of_nothing),
    Attempt("GET /staff/questions/{id}/topics", ids_of_nothing),
    Attempt("POST /staff/questions/{id}/topics", ids_of_nothing),
)
WORK: Final = (
    Noun("gateway", "work", (Attempt("GET /staff"),), scopes="evidence"),
    Noun("gateway", "questions of editors", QUESTIONS, scopes="evidence"),
)
