import pytest

from gateway.identity.personas import PERSONAS
from gateway.identity.rules import NotADemo
from gateway.identity.sessions import issue_link, issue_session
from tests.conftest import FreshDatabase
from tests.gateway.servers import caller_in
from tests.gateway.world import Gateway


async def test_every_persona_can_be_and_is_who_is_said(gateway: Gateway) -> None:
    for persona in PERSONAS:
        caller = caller_in((await gateway.http.get("/v1/me", headers=await gateway.token(persona.key))).json())
        assert (caller.id, caller.roles, caller.kind) == (persona.id, persona.roles, "person")


def test_there_are_nine_personas_who_are_all_different() -> None:
    assert len({persona.id for persona in PERSONAS}) == len({persona.key for persona in PERSONAS}) == 9


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
