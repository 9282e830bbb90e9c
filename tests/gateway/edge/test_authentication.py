from unittest import mock

import pytest

from gateway.credentials.tokens import hash_token
from gateway.edge.authentication import is_same_origin
from gateway.http.request import parse
from shared.callers import Role
from shared.persistence.database import Database
from tests.gateway.servers import caller_in
from tests.gateway.world import Gateway, StartGateway, wait_until


@pytest.mark.parametrize(
    ("public_url", "host", "origin", "same"),
    [
        ("https://impact.example", "impact.example", "https://impact.example", True),
        ("https://impact.example", "gateway:8000", "https://impact.example", True),
        ("https://impact.example", "impact.example", "http://impact.example", False),
        ("https://impact.example", "gateway:8000", "http://gateway:8000", False),
        ("https://impact.example", "impact.example", "https://impact.example:444", False),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "localhost:8000", "http://localhost:8000", True),
        ("http://127.0.0.1:8000", "localhost:8000", "https://localhost:8000", False),
        ("http://127.0.0.1:8000", "localhost:8000", "http://localhost:8001", False),
        ("http://127.0.0.1:8000", "localhost:8000", "null", False),
        ("http://127.0.0.1:8000", "", "", False),
    ],
)
def test_the_whole_origin_is_compared(public_url: str, host: str, origin: str, same: bool) -> None:
    headers = [(b"host", host.encode()), (b"origin", origin.encode())]
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/", "headers": headers}
    request = parse(scope, receive=mock.AsyncMock(), send=mock.AsyncMock())
    assert is_same_origin(request, public_url) is same
    headers.append((b"sec-fetch-site", b"same-origin"))
    assert is_same_origin(parse(scope, request.receive, request.send), public_url) is True


@pytest.mark.parametrize(
    "sent",
    [
        {"Authorization": "Bearer impact_session_wrong"},
        {"Authorization": "Bearer something-else"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer a.b.c"},
        {"X-API-Key": "impact_live_wrong"},
        {"X-API-Key": "wrong"},
    ],
)
async def test_a_bad_credential_is_refused_even_where_none_is_needed(gateway: Gateway, sent: dict[str, str]) -> None:
    response = await gateway.http.get("/v1/evidence/x", headers=sent)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="IMPACT", error="invalid_token"'
    assert response.headers["content-type"] == "application/problem+json"
    assert gateway.service.requests == []


async def test_where_sign_in_is_needed_a_challenge_says_so(gateway: Gateway) -> None:
    response = await gateway.http.post("/v1/evidence", json={})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="IMPACT"')
    assert (await gateway.http.get("/v1/evidence/x")).status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sessions SET ended_at = now() WHERE digest = :digest",
        "UPDATE sessions SET expires_at = now() WHERE digest = :digest",
    ],
)
async def test_a_session_that_has_ended_or_run_out_is_no_session(gateway: Gateway, statement: str) -> None:
    token = await gateway.token("carer")
    await gateway.sql(statement, digest=hash_token(token["Authorization"].removeprefix("Bearer ")))
    assert (await gateway.http.get("/v1/me", headers=token)).status_code == 401


async def test_a_sign_out_stops_the_token_at_once(gateway: Gateway) -> None:
    token = await gateway.token("carer")
    assert (await gateway.http.get("/v1/me", headers=token)).status_code == 200
    assert (await gateway.http.post("/v1/session/sign-out", headers=token)).status_code == 204
    assert (await gateway.http.get("/v1/me", headers=token)).status_code == 401


async def test_a_revocation_by_another_process_is_received(gateway: Gateway) -> None:
    token = await gateway.token("carer")
    assert (await gateway.http.get("/v1/me", headers=token)).status_code == 200
    assert len(gateway.app.credential_cache) == 1
    ended = await gateway.sql("UPDATE sessions SET ended_at = now() RETURNING id")
    await gateway.sql("SELECT pg_notify('gateway_revocations', :id)", id=str(ended[0]))
    await wait_until(lambda: len(gateway.app.credential_cache) == 0)
    assert (await gateway.http.get("/v1/me", headers=token)).status_code == 401


async def test_while_revocations_are_not_received_nothing_is_cached(gateway: Gateway) -> None:
    token = await gateway.token("carer")
    assert (await gateway.http.get("/v1/me", headers=token)).status_code == 200
    assert len(gateway.app.credential_cache) == 1
    await gateway.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        " AND datname = current_database()"
    )
    await wait_until(lambda: len(gateway.app.credential_cache) == 0)
    assert (await gateway.http.get("/v1/me", headers=token)).status_code == 200


async def test_a_persona_is_nobody_where_there_is_no_demo(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(demo=False)
    token = await gateway.token("finance")
    assert (await gateway.http.get("/v1/me", headers=token)).status_code == 401


async def test_a_key_may_also_come_as_a_bearer_token(gateway: Gateway) -> None:
    partner = await gateway.token("partner-developer")
    new_client = {"name": "x", "mode": "live", "scopes": ["evidence:read", "surveys:read"]}
    key = (await gateway.http.post("/v1/api-clients", json=new_client, headers=partner)).json()["key"]
    for sent in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
        caller = caller_in((await gateway.http.get("/v1/evidence/x", headers=sent)).json())
        assert (caller.kind, caller.scopes) == ("client", {"evidence:read", "surveys:read"})
        assert not caller.has(*Role)


async def test_a_gateway_whose_database_is_away_says_so(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    token = await gateway.token("carer")
    nowhere = Database("postgresql://gateway:x@127.0.0.1:1/gateway", "gateway", pool=1)
    gateway.app.authentication.database, before = nowhere, gateway.app.authentication.database
    response = await gateway.http.get("/v1/me", headers=token)
    gateway.app.authentication.database = before
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert (await gateway.http.get("/v1/evidence/x")).status_code == 200
