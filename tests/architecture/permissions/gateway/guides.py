"""The gateway: attempts on the pages on which editors write guides and learning pieces."""

from typing import Final

from tests.architecture.permissions.attempts import Attempt, Noun
from tests.architecture.permissions.gateway.prepared import FORM, ids_of_nothing

GUIDE: Final = "/staff/guides/{id}"
STATEMENT: Final = f"{GUIDE}/statements/{{statement_id}}"
FLAG: Final = "/staff/flags/{id}/{statement_id}/{item_id}"
RENDITIONS: Final = "/staff/renditions/{collection}/{id}"
PIECE: Final = "/staff/learning/{id}"
PART: Final = f"{PIECE}/{{name}}/{{number}}"
SOURCE: Final = f"{PIECE}/sources/{{kind}}/{{source_id}}"
GUIDE_OPERATIONS: Final = (
    "GET /staff/guides",
    "GET /staff/guides/new",
    "POST /staff/guides/new",
    f"GET {GUIDE}",
    f"GET {GUIDE}/preview",
    f"POST {GUIDE}/edition",
    f"GET {GUIDE}/details",
    f"POST {GUIDE}/details",
    f"POST {GUIDE}/submit",
    f"POST {GUIDE}/publish",
    f"POST {GUIDE}/take-over",
    *(
        f"{method} {GUIDE}/{page}"
        for page in ("return", "confirm", "discard", "withdraw")
        for method in ("GET", "POST")
    ),
    f"GET {GUIDE}/statements/new",
    f"POST {GUIDE}/statements/new",
    f"POST {GUIDE}/statements/restore",
    f"GET {STATEMENT}",
    f"POST {STATEMENT}",
    f"POST {STATEMENT}/move",
    f"POST {STATEMENT}/delete",
    "GET /staff/flags",
    "POST /staff/flags",
    "GET /staff/flags/decide",
    "POST /staff/flags/decide",
    f"GET {FLAG}",
    f"POST {FLAG}",
    "GET /staff/renditions",
    f"GET {RENDITIONS}",
    f"GET {RENDITIONS}/new",
    f"POST {RENDITIONS}/new",
    f"GET {RENDITIONS}/{{rendition_id}}",
    f"POST {RENDITIONS}/{{rendition_id}}",
    f"GET {RENDITIONS}/{{rendition_id}}/remove",
    f"POST {RENDITIONS}/{{rendition_id}}/remove",
    "GET /staff/learning",
    "GET /staff/learning/new",
    "POST /staff/learning/new",
    f"GET {PIECE}",
    f"GET {PIECE}/words",
    f"POST {PIECE}/words",
    f"GET {PIECE}/{{name}}/new",
    f"POST {PIECE}/{{name}}/new",
    f"GET {PART}",
    f"POST {PART}",
    f"GET {PART}/remove",
    f"POST {PART}/remove",
    f"GET {PIECE}/sources",
    f"POST {PIECE}/sources",
    f"POST {PIECE}/publish",
    f"GET {PIECE}/withdraw",
    f"POST {PIECE}/withdraw",
    f"GET {SOURCE}",
    f"POST {SOURCE}",
)
GUIDE_FORMS: Final = {
    "POST /staff/guides/new": b"title=Breaks",
    f"POST {GUIDE}/return": b"because=It+needs+more",
    f"POST {GUIDE}/confirm": b"review_on=2100-01-01",
    "POST /staff/flags": b"flag=a/b/c/d&decision=remove",
    f"POST {RENDITIONS}/new": b"kind=easy_read&title=A&content=B&made_on=2026-01-01&made_by=council",
    "POST /staff/learning/new": b"title=Breaks&point=Ask+early",
    f"POST {PIECE}/words": b"title=Breaks&point=Ask+early",
    f"POST {PIECE}/sources": b"add=item/01980000-0000-7000-8000-000000000003",
}


def _attempt(operation: str) -> Attempt:
    form = GUIDE_FORMS.get(operation)
    return (
        Attempt(operation, ids_of_nothing, content=form, headers=FORM) if form else Attempt(operation, ids_of_nothing)
    )


NOUN: Final = Noun(
    "gateway", "work on guides", tuple(_attempt(operation) for operation in GUIDE_OPERATIONS), scopes="evidence"
)
