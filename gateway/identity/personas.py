"""The personas of the demo. Their ids are fixed, so that the story can be run again; none has a real name."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from shared.callers import Role


class ApiWork(NamedTuple):
    """Work that has no page yet: the request of the API that shows it, and its section of `/docs`."""

    path: str
    text: str
    section: str


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to sign in as. `links` are the pages to look at first, staff's queues before others."""

    key: str
    id: UUID
    name: str
    roles: frozenset[Role]
    links: tuple[tuple[str, str], ...]
    api_work: tuple[ApiWork, ...] = ()


def _persona(
    key: str,
    number: int,
    name: str,
    *roles: Role,
    links: tuple[tuple[str, str], ...],
    api_work: tuple[ApiWork, ...] = (),
) -> Persona:
    id = UUID(f"0190d3a0-0000-7000-8000-{number:012d}")
    return Persona(key, id, name, frozenset({Role.CONTRIBUTOR, *roles}), links, api_work)


_search = ("/search?q=carers", "Search all three ways of knowing at once")
_priorities = ("/topics", "What people want first, and what is known about it")
_thread = ("/line-of-sight", "From a voice to a change, with what was paid and who took part")
_part = ("/take-part", "How people take part, and what we pay for")
_docs = ("/docs", "API reference")
_assemblies = ApiWork("/v1/assemblies", "Assemblies, and whether they are funded", "assemblies")
_attention = ApiWork(
    "/v1/claims?everyone=true&needs_attention=true", "Claims that need attention, and who has to act", "claims"
)
_approved = ApiWork("/v1/claims?everyone=true&status=approved", "Approved claims waiting for payment", "claims")
_decide = (
    ApiWork("/v1/claims?everyone=true&status=submitted", "Claims waiting for a decision", "claims"),
    _approved,
    _attention,
    ApiWork("/v1/reservations", "What assemblies have reserved, and how much claims have used", "reservations"),
)
_pay = (
    ApiWork("/v1/payment-runs?status=draft", "Payment runs waiting for a colleague to release them", "payments"),
    _approved,
    ApiWork("/v1/payment-runs?status=released", "Payment runs waiting for the bank", "payments"),
    ApiWork("/v1/payment-runs?needs_attention=true", "Payment runs with open points from the bank", "payments"),
    _attention,
)

PERSONAS: tuple[Persona, ...] = (
    _persona(
        "carer", 1, "An unpaid carer",
        links=(
            ("/tell", "Share what you know, one question at a time"),
            ("/contributions", "What you told us, what happened to it, and suggestions waiting for your answer"),
            _part,
            _search,
        ),
        api_work=(
            ApiWork("/v1/entitlements", "What you can be paid for taking part", "entitlements"),
            ApiWork("/v1/claims", "What you have claimed, and when it is paid", "claims"),
        ),
    ),
    _persona(
        "practitioner", 2, "A frontline practitioner",
        links=(
            _search,
            ("/questions", "Questions from the front line, with their answers"),
            ("/questions/mine", "What you asked, and the answers"),
            ("/learning", "Learn something between two shifts"),
            ("/contributions", "What you shared, and what happened to it"),
            _part,
        ),
    ),
    _persona(
        "evidence-editor", 3, "An evidence editor", Role.EVIDENCE_EDITOR,
        links=(
            ("/staff", "Your work"),
            ("/staff/evidence?status=draft", "Drafts waiting for publication"),
            ("/staff/proposals", "New wording that people propose for something published"),
            ("/staff/duplicates", "Items that may be the same work"),
            ("/staff/imports", "Import references from a file"),
            _search,
        ),
    ),
    _persona(
        "engagement-officer", 4, "An engagement officer", Role.ENGAGEMENT_OFFICER, Role.FACILITATOR,
        links=(_priorities, ("/gaps", "What is missing, and where people are waiting for an answer"), _part, _search),
        api_work=(
            ApiWork("/v1/surveys", "Surveys and their results", "surveys"),
            _assemblies,
            ApiWork("/v1/projects", "Support projects", "projects"),
        ),
    ),
    _persona(
        "funding-officer", 5, "A funding officer", Role.FUNDING_OFFICER,
        links=(_thread, _part, _priorities, _search),
        api_work=(
            ApiWork(
                "/v1/entitlements?in_question=true",
                "Entitlements in question because attendance was corrected", "entitlements",
            ),
            ApiWork("/v1/entitlements?overpaid=true", "Entitlements that were overpaid", "entitlements"),
            ApiWork(
                "/v1/claims?everyone=true&beyond_reservation=true",
                "Claims waiting for a reservation to be extended", "claims",
            ),
            _attention,
            ApiWork("/v1/cost-limits", "Limits for each kind of cost", "cost-limits"),
            ApiWork("/v1/schemes", "The budget of each scheme", "programme"),
            ApiWork("/v1/ledger/proof", "Proof that the ledger balances to the penny", "ledger"),
        ),
    ),
    _persona(
        "approver", 6, "An approver of claims", Role.APPROVER,
        links=(_thread, _part, _priorities, _search), api_work=_decide,
    ),
    _persona(
        "finance", 7, "A finance officer, who makes payment runs", Role.FINANCE,
        links=(_thread, _part, _priorities, _search), api_work=_pay,
    ),
    _persona(
        "partner-developer", 8, "A partner organisation's developer", Role.PARTNER,
        links=(_docs, _search),
        api_work=(ApiWork("/v1/api-clients", "Your API clients and their keys", "api-clients"),),
    ),
    _persona(
        "guide-reviewer", 9, "A second evidence editor, who reviews guides", Role.EVIDENCE_EDITOR,
        links=(
            ("/staff", "Your work"),
            ("/staff/guides?status=review", "Guides waiting for review"),
            ("/staff/flags", "Changes to evidence that guides cite"),
            ("/staff/questions", "Questions from the front line waiting for an answer"),
        ),
    ),
    _persona(
        "administrator", 10, "An administrator", Role.ADMINISTRATOR,
        links=(("/status", "Whether every service is working"), _docs, _search),
        api_work=(
            ApiWork("/v1/roles", "Who has which role, and giving and removing roles", "roles"),
            ApiWork("/v1/api-clients", "Your API clients, which may write, and their keys", "api-clients"),
        ),
    ),
    _persona(
        "second-approver", 11, "A second approver of claims", Role.APPROVER,
        links=(_thread, _part, _priorities, _search), api_work=_decide,
    ),
    _persona(
        "second-finance", 12, "A second finance officer, who releases payment runs", Role.FINANCE,
        links=(_thread, _part, _priorities, _search), api_work=_pay,
    ),
)  # fmt: skip

BY_KEY = {persona.key: persona for persona in PERSONAS}
