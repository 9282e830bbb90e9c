"""The gateway: what everybody tries at its pages."""

from typing import Final

from tests.architecture.permissions.attempts import Attempt, Noun
from tests.architecture.permissions.gateway import files, guides, items, judgement, questions, visitors

NOUNS: Final = (
    *visitors.NOUNS,
    Noun("gateway", "work", (Attempt("GET /staff"),), scopes="evidence"),
    questions.NOUN,
    *files.NOUNS,
    *items.NOUNS,
    judgement.NOUN,
    guides.NOUN,
)
