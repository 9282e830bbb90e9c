from collections import Counter

import pytest

from gateway.identity.personas import PERSONAS
from gateway.identity.rules import NotADemo
from gateway.identity.sessions import issue_link, issue_session
from shared.callers import Role
from tests.conftest import FreshDatabase
from tests.gateway.servers import caller_in
from tests.gateway.world import Gateway

ATTENTION = "/v1/claims?everyone=true&needs_attention=true"


async def test_every_persona_can_be_and_is_who_is_said(gateway: Gateway) -> None:
    for persona in PERSONAS:
        caller = caller_in((await gateway.http.get("/v1/me", headers=await gateway.token(persona.key))).json())
        assert (caller.id, caller.roles, caller.kind) == (persona.id, persona.roles, "person")


def test_the_personas_are_all_different() -> None:
    assert len({persona.id for persona in PERSONAS}) == len({persona.key for persona in PERSONAS}) == len(PERSONAS)


def test_each_duty_over_money_has_the_people_that_it_takes() -> None:
    roles = Counter(role for persona in PERSONAS for role in persona.roles)
    counts = {role: roles[role] for role in (Role.ADMINISTRATOR, Role.FUNDING_OFFICER, Role.APPROVER, Role.FINANCE)}
    assert counts == {Role.ADMINISTRATOR: 1, Role.FUNDING_OFFICER: 1, Role.APPROVER: 2, Role.FINANCE: 2}
    duties = (Role.APPROVER, Role.FINANCE, Role.FUNDING_OFFICER, Role.ENGAGEMENT_OFFICER)
    assert not [persona.key for persona in PERSONAS if sum(role in persona.roles for role in duties) > 1]


@pytest.mark.parametrize(
    ("role", "queue"),
    [
        (Role.APPROVER, "/v1/claims?everyone=true&status=submitted"),
        (Role.FINANCE, "/v1/payment-runs?status=draft"),
        (Role.FUNDING_OFFICER, "/v1/entitlements?in_question=true"),
    ],
)
def test_whoever_decides_over_money_begins_with_what_waits_for_them(role: Role, queue: str) -> None:
    assert {persona.api_work[0].path for persona in PERSONAS if role in persona.roles} == {queue}


@pytest.mark.parametrize(
    ("role", "queues"),
    [
        (Role.APPROVER, {ATTENTION}),
        (Role.FINANCE, {ATTENTION, "/v1/payment-runs?needs_attention=true"}),
        (
            Role.FUNDING_OFFICER,
            {ATTENTION, "/v1/entitlements?overpaid=true", "/v1/claims?everyone=true&beyond_reservation=true"},
        ),
    ],
)
def test_whatever_waits_for_a_person_of_the_centre_is_on_their_first_page(role: Role, queues: set[str]) -> None:
    for persona in PERSONAS:
        assert role not in persona.roles or queues <= {work.path for work in persona.api_work}


def test_every_link_of_a_persona_leads_to_a_page() -> None:
    links = {link for persona in PERSONAS for link, _ in persona.links}
    assert not {link for link in links if link.startswith("/v1") or link.endswith(".json")}
    assert all(persona.links for persona in PERSONAS)


async def test_where_there_is_no_demo_nobody_is_issued(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await fresh_database("gateway")
    monkeypatch.delenv("DEMO", raising=False)
    with pytest.raises(NotADemo, match="DEMO is not set"):
        await issue_session(url, "carer")
    monkeypatch.setenv("DEMO", "true")
    monkeypatch.setenv("OIDC_ISSUER", "https://id.example.org")
    with pytest.raises(NotADemo, match="real identity provider"):
        await issue_link(url, "carer", "http://127.0.0.1:8000")


async def test_an_unknown_persona_is_told_with_those_that_there_are(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO", "true")
    with pytest.raises(LookupError, match="carer, practitioner"):
        await issue_session(await fresh_database("gateway"), "king")
