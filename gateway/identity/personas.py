"""Who one can be in the demo. The ids are fixed, so that the story can be told again; nobody has a real name."""

from dataclasses import dataclass
from uuid import UUID

from shared.callers import Role


@dataclass(frozen=True, slots=True)
class Persona:
    key: str
    id: UUID
    name: str
    roles: frozenset[Role]
    look_at: tuple[tuple[str, str], ...]
    """Three things to look at first: where, and what one sees there."""


def _persona(key: str, number: int, name: str, *roles: Role, look_at: tuple[tuple[str, str], ...]) -> Persona:
    fixed = UUID(f"0190d3a0-0000-7000-8000-{number:012d}")
    return Persona(key, fixed, name, frozenset({Role.CONTRIBUTOR, *roles}), look_at)


_search = ("/v1/search?q=carers", "Search all three ways of knowing at once")
_topics = ("/v1/topics", "The topics, and what the sector wants first")
_assemblies = ("/v1/assemblies", "Assemblies, and whether their money is there")
_claims = ("/v1/claims", "Claims, and where each one stands")
_ledger = ("/v1/ledger/proof", "The proof that every penny balances")
_docs = ("/docs", "Everything that the API can do")

PERSONAS: tuple[Persona, ...] = (
    _persona(
        "carer", 1, "An unpaid carer",
        look_at=(
            ("/v1/contributions", "What you told us, and what followed from it"),
            ("/v1/entitlements", "What you may be paid for taking part"),
            _search,
        ),
    ),
    _persona(
        "practitioner", 2, "A frontline practitioner",
        look_at=(_search, ("/v1/contributions", "What you shared, and what followed from it"), _assemblies),
    ),
    _persona(
        "evidence-editor", 3, "An evidence editor", Role.EVIDENCE_EDITOR,
        look_at=(("/v1/evidence", "The evidence, drafts included"), _topics, _search),
    ),
    _persona(
        "engagement-officer", 4, "An engagement officer", Role.ENGAGEMENT_OFFICER, Role.FACILITATOR,
        look_at=(("/v1/surveys", "Surveys, and their results"), _assemblies, ("/v1/projects", "Support projects")),
    ),
    _persona(
        "funding-officer", 5, "A funding officer", Role.FUNDING_OFFICER,
        look_at=(("/v1/programme", "The whole budget, by year"), ("/v1/schemes", "What each scheme has"), _ledger),
    ),
    _persona("approver", 6, "An approver of claims", Role.APPROVER, look_at=(_claims, _ledger, _docs)),
    _persona(
        "finance", 7, "A finance officer", Role.FINANCE,
        look_at=(("/v1/payment-runs", "Payment runs, and their bank files"), _ledger, _claims),
    ),
    _persona(
        "partner-developer", 8, "A partner organisation's developer", Role.PARTNER,
        look_at=(_docs, ("/v1/api-clients", "Your clients and their keys"), ("/openapi.json", "The API's description")),
    ),
    _persona(
        "guide-reviewer", 9, "A second evidence editor, who reviews guides", Role.EVIDENCE_EDITOR,
        look_at=(
            ("/v1/guides?status=review", "Guides that wait for a second pair of eyes"),
            ("/v1/guides/flags", "What befell the evidence that guides cite"),
            ("/v1/evidence-requests/queue", "Questions of the front line that wait for an answer"),
        ),
    ),
)  # fmt: skip

BY_KEY = {persona.key: persona for persona in PERSONAS}
