"""The personas of the demo. Their ids are fixed, so that the story can be run again; none has a real name."""

from dataclasses import dataclass
from uuid import UUID

from shared.callers import Role


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to sign in as. `links` are the places to look at first, staff's queues before others."""

    key: str
    id: UUID
    name: str
    roles: frozenset[Role]
    links: tuple[tuple[str, str], ...]


def _persona(key: str, number: int, name: str, *roles: Role, links: tuple[tuple[str, str], ...]) -> Persona:
    id = UUID(f"0190d3a0-0000-7000-8000-{number:012d}")
    return Persona(key, id, name, frozenset({Role.CONTRIBUTOR, *roles}), links)


_search = ("/search?q=carers", "Search all three ways of knowing at once")
_assemblies = ("/v1/assemblies", "Assemblies, and whether they are funded")
_attention = (
    "/v1/claims?everyone=true&needs_attention=true",
    "Claims that need attention, and who does what",
)
_decide = (
    ("/v1/claims?everyone=true&status=submitted", "Claims that wait for a decision"),
    ("/v1/claims?everyone=true&status=approved", "Approved claims that wait for payment"),
    _attention,
    ("/v1/reservations", "What assemblies have reserved, and what claims hold of it"),
)
_pay = (
    ("/v1/payment-runs?status=draft", "Payment runs that wait to be released by a colleague of their maker"),
    ("/v1/claims?everyone=true&status=approved", "Approved claims that wait for payment"),
    ("/v1/payment-runs?status=released", "Payment runs that wait for the bank"),
    ("/v1/payment-runs?needs_attention=true", "Payment runs about which the bank's messages leave something open"),
    _attention,
)
_ledger = ("/v1/ledger/proof", "Proof that the ledger balances to the penny")
_docs = ("/docs", "API reference")

PERSONAS: tuple[Persona, ...] = (
    _persona(
        "carer", 1, "An unpaid carer",
        links=(
            ("/tell", "Tell what you know, one question at a time"),
            ("/contributions", "What you told us, what came of it, and changes that wait for your yes or no"),
            ("/v1/entitlements", "What you can be paid for taking part"),
            ("/v1/claims", "What you have claimed, and when it is paid"),
            _search,
        ),
    ),
    _persona(
        "practitioner", 2, "A frontline practitioner",
        links=(
            _search,
            ("/questions", "Questions from the front line, with their answers"),
            ("/questions/mine", "What you asked, and the answers"),
            ("/learning", "Learn something between two shifts"),
            ("/contributions", "What you shared, and what came of it"),
            _assemblies,
        ),
    ),
    _persona(
        "evidence-editor", 3, "An evidence editor", Role.EVIDENCE_EDITOR,
        links=(
            ("/staff", "Your work"),
            ("/staff/evidence?status=draft", "Drafts that wait for publication"),
            ("/staff/proposals", "What people want to say differently in what is published"),
            ("/staff/duplicates", "Items that may be the same work"),
            ("/staff/imports", "Bring references in from a file"),
            _search,
        ),
    ),
    _persona(
        "engagement-officer", 4, "An engagement officer", Role.ENGAGEMENT_OFFICER, Role.FACILITATOR,
        links=(("/v1/surveys", "Surveys and their results"), _assemblies, ("/v1/projects", "Support projects")),
    ),
    _persona(
        "funding-officer", 5, "A funding officer", Role.FUNDING_OFFICER,
        links=(
            ("/v1/entitlements?in_question=true", "Entitlements in question, since their attendance was corrected"),
            ("/v1/entitlements?overpaid=true", "Entitlements of which more was paid than they say by now"),
            ("/v1/claims?everyone=true&beyond_reservation=true", "Claims that wait until a reservation is extended"),
            _attention,
            ("/v1/cost-limits", "What a cost of each kind may be"),
            ("/v1/schemes", "The budget of each scheme"),
            _ledger,
        ),
    ),
    _persona("approver", 6, "An approver of claims", Role.APPROVER, links=_decide),
    _persona("finance", 7, "A finance officer, who makes payment runs", Role.FINANCE, links=_pay),
    _persona(
        "partner-developer", 8, "A partner organisation's developer", Role.PARTNER,
        links=(_docs, ("/v1/api-clients", "Your API clients and their keys"), ("/openapi.json", "OpenAPI description")),
    ),
    _persona(
        "guide-reviewer", 9, "A second evidence editor, who reviews guides", Role.EVIDENCE_EDITOR,
        links=(
            ("/staff", "Your work"),
            ("/staff/guides?status=review", "Guides waiting for review"),
            ("/staff/flags", "Changes to evidence that guides cite"),
            ("/staff/questions", "Questions from the front line that wait for an answer"),
        ),
    ),
    _persona(
        "administrator", 10, "An administrator", Role.ADMINISTRATOR,
        links=(
            ("/v1/api-clients", "Your API clients, which may write, and their keys"),
            ("/status", "Whether every service is well"),
            _docs,
        ),
    ),
    _persona("second-approver", 11, "A second approver of claims", Role.APPROVER, links=_decide),
    _persona("second-finance", 12, "A second finance officer, who releases payment runs", Role.FINANCE, links=_pay),
)  # fmt: skip

BY_KEY = {persona.key: persona for persona in PERSONAS}
