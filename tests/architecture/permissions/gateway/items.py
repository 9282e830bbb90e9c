"""The gateway: attempts on the pages on which editors keep items."""

from typing import Final

from tests.architecture.permissions.attempts import Attempt, Noun
from tests.architecture.permissions.gateway.prepared import FORM, ids_of_nothing

FORMS: Final = {
    "edit": b"title=Another+study&kind=report&language=en",
    "publish": b"key=1",
    "withdraw": b"key=1",
    "notice": b"nature=retraction&source=Journal",
    "versions/{number}/erase": b"etag=1",
}
"""What is sent to change an item."""
EVIDENCE: Final = "/staff/evidence/{id}"
BULK_CHANGE: Final = "/staff/bulk-changes/{id}"
NOUNS: Final = (
    Noun(
        "gateway",
        "items at work",
        (
            Attempt("GET /staff/evidence"),
            Attempt("GET /staff/evidence/new"),
            Attempt("POST /staff/evidence/new"),
            Attempt(f"GET {EVIDENCE}", ids_of_nothing),
            *(
                attempt
                for page, content in FORMS.items()
                for attempt in (
                    Attempt(f"GET {EVIDENCE}/{page}", ids_of_nothing),
                    Attempt(f"POST {EVIDENCE}/{page}", ids_of_nothing, content=content, headers=FORM),
                )
            ),
            Attempt("GET /staff/proposals"),
            Attempt("GET /staff/proposals/{id}", ids_of_nothing),
            Attempt("POST /staff/proposals/{id}", ids_of_nothing),
            Attempt("GET /staff/bulk-changes"),
            Attempt("GET /staff/bulk-changes/new?id={id}", ids_of_nothing),
            Attempt("POST /staff/bulk-changes/new", content=b"id=1&new_country=GB", headers=FORM),
            Attempt(f"GET {BULK_CHANGE}", ids_of_nothing),
            Attempt(f"GET {BULK_CHANGE}/confirm", ids_of_nothing),
            Attempt(f"POST {BULK_CHANGE}/confirm", ids_of_nothing),
        ),
        scopes="evidence",
    ),
)
