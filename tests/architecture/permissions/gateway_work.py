"""The gateway: attempts on the pages of an evidence editor."""

from typing import Any, Final

from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared

FILE: Final = {"file": ("references.ris", b"TY  - JOUR")}
HARVEST: Final = b"base_url=https%3A%2F%2Fexample.org%2Foai&metadata_prefix=oai_dc&publish=no"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
PARAMETERS: Final = ("id", "proposal_id", "record_id")


async def ids_of_nothing(_world: Any) -> Prepared:
    """Return an id for every parameter of a path: nothing has it."""
    return {**{name: str(new_id()) for name in PARAMETERS}, "number": "1"}


WORK: Final = (
    Noun("gateway", "work", (Attempt("GET /staff"),), scopes="evidence"),
    Noun(
        "gateway",
        "imports pages",
        (
            Attempt("GET /staff/imports"),
            Attempt("GET /staff/imports/file"),
            Attempt("POST /staff/imports/file", files=FILE),
            *(
                Attempt(attempt, ids_of_nothing)
                for attempt in (
                    "GET /staff/imports/{id}",
                    "GET /staff/imports/{id}/outcomes.csv",
                    "GET /staff/imports/{id}/records",
                    "GET /staff/imports/{id}/rejects",
                    "GET /staff/imports/{id}/rejects/{number}",
                    "POST /staff/imports/{id}/rejects/{number}",
                    "GET /staff/imports/{id}/withdraw",
                    "POST /staff/imports/{id}/withdraw",
                )
            ),
        ),
        scopes="evidence",
    ),
    Noun(
        "gateway",
        "harvests pages",
        (
            Attempt("GET /staff/harvests"),
            Attempt("GET /staff/harvests/new"),
            Attempt("POST /staff/harvests/new", content=HARVEST, headers=FORM),
            *(
                Attempt(attempt, ids_of_nothing)
                for attempt in (
                    "GET /staff/harvests/{id}",
                    "GET /staff/harvests/{id}/outcomes.csv",
                    "POST /staff/harvests/{id}/runs",
                    "GET /staff/harvests/{id}/runs",
                    "GET /staff/harvests/{id}/records",
                    "GET /staff/harvests/{id}/quarantine",
                    "POST /staff/harvests/{id}/quarantine/{record_id}/retry",
                    "GET /staff/harvests/{id}/edit",
                    "POST /staff/harvests/{id}/edit",
                    "GET /staff/harvests/{id}/delete",
                    "POST /staff/harvests/{id}/delete",
                )
            ),
        ),
        scopes="evidence",
    ),
    Noun(
        "gateway",
        "retraction list pages",
        (
            Attempt("GET /staff/retractions"),
            Attempt("GET /staff/retractions/file"),
            Attempt("POST /staff/retractions/file", files=FILE),
            *(
                Attempt(attempt, ids_of_nothing)
                for attempt in (
                    "GET /staff/retractions/{id}",
                    "GET /staff/retractions/{id}/rows.csv",
                    "GET /staff/retractions/{id}/rejects",
                )
            ),
        ),
        scopes="evidence",
    ),
)
