"""The gateway: attempts on the pages of imports, harvests and retraction lists."""

from typing import Final

from tests.architecture.permissions.attempts import Attempt, Noun
from tests.architecture.permissions.gateway.prepared import FORM, ids_of_nothing

FILE: Final = {"file": ("references.ris", b"TY  - JOUR")}
HARVEST: Final = b"base_url=https%3A%2F%2Fexample.org%2Foai&metadata_prefix=oai_dc&publish=no"
NOUNS: Final = (
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
