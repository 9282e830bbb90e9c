"""The personas of the demo. Their ids are fixed, so that the story can be run again; none has a real name."""

from dataclasses import dataclass
from uuid import UUID

from shared.callers import Role


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to sign in as. `links` are three places to look at first: path and label."""

    key: str
    id: UUID
    name: str
    roles: frozenset[Role]
    links: tuple[tuple[str, str], ...]


def _persona(key: str, number: int, name: str, *roles: Role, links: tuple[tuple[str, str], ...]) -> Persona:
    id = UUID(f"0190d3a0-0000-7000-8000-{number:012d}")
    return Persona(key, id, name, frozenset({Role.CONTRIBUTOR, *roles}), links)


_search = ("/v1/search?q=carers", "Search all three ways of knowing at once")
_topics = ("/v1/topics", "Topics, and their priority for the sector")
_assemblies = ("/v1/assemblies", "Assemblies, and whether they are funded")
_claims = ("/v1/claims", "Claims and their status")
_ledger = ("/v1/ledger/proof", "Proof that the ledger balances to the penny")
_docs = ("/docs", "API reference")

PERSONAS: tuple[Persona, ...] = (
    _persona(
        "carer", 1, "An unpaid carer",
        links=(
            ("/v1/contributions", "What you told us, and what came of it"),
            ("/v1/entitlements", "What you can be paid for taking part"),
            _search,
        ),
    ),
    _persona(
        "practitioner", 2, "A frontline practitioner",
        links=(_search, ("/v1/contributions", "What you shared, and what came of it"), _assemblies),
    ),
    _persona(
        "evidence-editor", 3, "An evidence editor", Role.EVIDENCE_EDITOR,
        links=(("/v1/evidence", "All evidence, including drafts"), _topics, _search),
    ),
    _persona(
        "engagement-officer", 4, "An engagement officer", Role.ENGAGEMENT_OFFICER, Role.FACILITATOR,
        links=(("/v1/surveys", "Surveys and their results"), _assemblies, ("/v1/projects", "Support projects")),
    ),
    _persona(
        "funding-officer", 5, "A funding officer", Role.FUNDING_OFFICER,
        links=(("/v1/programme", "The budget by year"), ("/v1/schemes", "The budget of each scheme"), _ledger),
    ),
    _persona("approver", 6, "An approver of claims", Role.APPROVER, links=(_claims, _ledger, _docs)),
    _persona(
        "finance", 7, "A finance officer", Role.FINANCE,
        links=(
            ("/v1/payment-runs", "Payment runs and their bank files"),
            ("/v1/bank-messages", "What the bank reported"),
            _ledger,
            _claims,
        ),
    ),
    _persona(
        "partner-developer", 8, "A partner organisation's developer", Role.PARTNER,
        links=(_docs, ("/v1/api-clients", "Your API clients and their keys"), ("/openapi.json", "OpenAPI description")),
    ),
    _persona(
        "guide-reviewer", 9, "A second evidence editor, who reviews guides", Role.EVIDENCE_EDITOR,
        links=(
            ("/v1/guides?status=review", "Guides waiting for review"),
            ("/v1/guides/flags", "Changes to evidence that guides cite"),
            ("/v1/evidence-requests/queue", "Questions from the front line waiting for an answer"),
        ),
    ),
)  # fmt: skip

BY_KEY = {persona.key: persona for persona in PERSONAS}
