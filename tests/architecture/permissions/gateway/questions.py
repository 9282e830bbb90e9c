"""The gateway: attempts on the pages on which editors answer questions."""

from typing import Final

from tests.architecture.permissions.attempts import Attempt, Noun
from tests.architecture.permissions.gateway.prepared import ids_of_nothing

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
    Attempt("GET /staff/questions/{id}/decide/{turn}", ids_of_nothing),
    Attempt("POST /staff/questions/{id}/decide/{turn}", ids_of_nothing),
    Attempt("GET /staff/questions/{id}/topics", ids_of_nothing),
    Attempt("POST /staff/questions/{id}/topics", ids_of_nothing),
)
NOUN: Final = Noun("gateway", "questions of editors", QUESTIONS, scopes="evidence")
