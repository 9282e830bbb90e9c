"""The gateway: attempts on the pages on which editors judge."""

from typing import Final

from tests.architecture.permissions.attempts import Attempt, Noun
from tests.architecture.permissions.gateway.prepared import FORM, ids_of_nothing

JUDGEMENT: Final = (
    Attempt("GET /staff/duplicates"),
    Attempt("GET /staff/duplicates/next"),
    Attempt("GET /staff/duplicates/{id}", ids_of_nothing),
    Attempt("POST /staff/duplicates/{id}", ids_of_nothing),
    Attempt("GET /staff/duplicates/many"),
    Attempt("POST /staff/duplicates/many", content=b"judgement=duplicate&decision=merge", headers=FORM),
    Attempt("GET /staff/duplicates/many/{id}", ids_of_nothing),
    Attempt("POST /staff/duplicates/many/{id}", ids_of_nothing),
    Attempt("GET /staff/merges"),
    Attempt("GET /staff/merges/{id}", ids_of_nothing),
    Attempt("POST /staff/merges/{id}", ids_of_nothing),
    Attempt("GET /staff/import-conflicts"),
    Attempt("GET /staff/import-conflicts/check"),
    Attempt("POST /staff/import-conflicts/check"),
    Attempt("GET /staff/import-conflicts/result"),
    Attempt("GET /staff/import-conflicts/{id}", ids_of_nothing),
    Attempt("POST /staff/import-conflicts/{id}", ids_of_nothing),
    Attempt("GET /staff/appraisals"),
    Attempt("GET /staff/appraisals/agreement"),
    Attempt("GET /staff/appraisals/agreement.csv"),
    Attempt("GET /staff/evidence/{id}/appraisals", ids_of_nothing),
    Attempt("POST /staff/evidence/{id}/appraisals", ids_of_nothing, content=b"instrument=jbi-narrative", headers=FORM),
    *(
        Attempt(f"{method} /staff/evidence/{{id}}/appraisals/{{appraisal_id}}/{step}", ids_of_nothing)
        for step in ("judge", "settle", "answer")
        for method in ("GET", "POST")
    ),
    Attempt("GET /staff/evidence/{id}/appraisals/{appraisal_id}", ids_of_nothing),
)
TRANSFERABILITY: Final = tuple(
    Attempt(
        f"{method} /staff/evidence/{{id}}/transferability{rest}",
        ids_of_nothing,
        content=b"country=GB-ENG&judged_by=researcher&judged_on=2024-03-01" if method == "POST" else None,
        headers=FORM if method == "POST" else None,
    )
    for rest, methods in (
        ("", ("GET",)),
        ("/new", ("GET", "POST")),
        ("/{judgement_id}", ("GET", "POST")),
        ("/{judgement_id}/delete", ("GET", "POST")),
    )
    for method in methods
)
NOUN: Final = Noun("gateway", "judgement", (*JUDGEMENT, *TRANSFERABILITY), scopes="evidence")
