import asyncio
import hashlib
from typing import Any

import pytest

from gateway.credentials.tokens import SESSION_PREFIX, create_token, hash_token
from gateway.partners import rules
from gateway.partners.callers import ROLE_SCOPES
from tests.gateway.servers import caller_in
from tests.gateway.world import Gateway

NEW_CLIENT = {"name": "Our case system", "mode": "live", "scopes": ["evidence:read"]}


async def create_client(gateway: Gateway, **other: Any) -> tuple[dict[str, Any], dict[str, str]]:
    partner = await gateway.token("partner-developer")
    response = await gateway.http.post("/v1/api-clients", json={**NEW_CLIENT, **other}, headers=partner)
    assert response.status_code == 201, response.text
    return response.json(), partner


async def status_with(gateway: Gateway, key: str) -> int:
    return (await gateway.http.get("/v1/evidence/x", headers={"X-API-Key": key})).status_code


async def test_a_key_is_shown_once_and_kept_as_a_hash(gateway: Gateway) -> None:
    client, partner = await create_client(gateway)
    key = client["key"]
    assert key.startswith("impact_live_")
    fetched = await gateway.http.get(f"/v1/api-clients/{client['id']}", headers=partner)
    list_response = await gateway.http.get("/v1/api-clients", headers=partner)
    for response in (fetched, list_response):
        assert key not in response.text
        assert key[:16] in response.text
    assert await gateway.sql("SELECT digest FROM api_keys") == [hashlib.sha256(key.encode()).digest()]
    everything = await gateway.sql(
        "SELECT c::text FROM api_clients c UNION ALL SELECT k::text FROM api_keys k"
        " UNION ALL SELECT a::text FROM audit_entries a UNION ALL SELECT o::text FROM outbox o"
    )
    assert len(everything) >= 4
    assert key not in str(everything)


async def test_a_repeated_request_makes_no_second_client_and_replays_no_key(gateway: Gateway) -> None:
    partner = {**await gateway.token("partner-developer"), "Idempotency-Key": '"once"'}
    first = await gateway.http.post("/v1/api-clients", json=NEW_CLIENT, headers=partner)
    again = await gateway.http.post("/v1/api-clients", json=NEW_CLIENT, headers=partner)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {**first.json(), "key": None}
    (body,) = await gateway.sql("SELECT body FROM idempotency_records")
    assert first.json()["key"].encode() not in body


async def test_clients_location_once_are_no_more_than_one_may_have(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_CLIENTS", 2)
    partner = await gateway.token("partner-developer")
    requests = [gateway.http.post("/v1/api-clients", json=NEW_CLIENT, headers=partner) for _ in range(6)]
    assert sorted(response.status_code for response in await asyncio.gather(*requests)) == [
        201,
        201,
        409,
        409,
        409,
        409,
    ]


async def test_a_revoked_client_stops_at_once(gateway: Gateway) -> None:
    client, partner = await create_client(gateway)
    assert await status_with(gateway, client["key"]) == 200
    revoked = await gateway.http.post(f"/v1/api-clients/{client['id']}/revoke", headers=partner)
    assert revoked.json()["revoked_at"] is not None
    assert await status_with(gateway, client["key"]) == 401
    again = await gateway.http.post(f"/v1/api-clients/{client['id']}/revoke", headers=partner)
    assert again.json()["revoked_at"] == revoked.json()["revoked_at"]
    more = await gateway.http.post(f"/v1/api-clients/{client['id']}/keys", json={}, headers=partner)
    assert (more.status_code, more.json()["title"]) == (409, "This API client has been revoked")


async def test_rotation_lets_both_keys_work_until_the_overlap_is_over(gateway: Gateway) -> None:
    client, partner = await create_client(gateway)
    path = f"/v1/api-clients/{client['id']}/keys"
    response = await gateway.http.post(path, json={"overlap_hours": 24}, headers=partner)
    rotated, location = response.json(), response.headers["location"]
    assert await status_with(gateway, client["key"]) == await status_with(gateway, rotated["key"]) == 200
    assert [key["expires_at"] is None for key in rotated["keys"]] == [False, True]
    assert location.startswith(f"/v1/api-clients/{client['id']}")
    assert (await gateway.http.get(location, headers=partner)).json()["keys"] == rotated["keys"]
    last = (await gateway.http.post(path, json={"overlap_hours": 0}, headers=partner)).json()
    assert await status_with(gateway, client["key"]) == 401
    assert await status_with(gateway, rotated["key"]) == 401
    assert await status_with(gateway, last["key"]) == 200


async def test_one_key_is_revoked_and_the_other_goes_on(gateway: Gateway) -> None:
    client, partner = await create_client(gateway)
    rotated = (await gateway.http.post(f"/v1/api-clients/{client['id']}/keys", json={}, headers=partner)).json()
    path = f"/v1/api-clients/{client['id']}/keys/{client['keys'][0]['id']}/revoke"
    assert (await gateway.http.post(path, headers=partner)).status_code == 200
    assert await status_with(gateway, client["key"]) == 401
    assert await status_with(gateway, rotated["key"]) == 200


async def test_two_rotations_at_once_leave_no_key_too_many(gateway: Gateway) -> None:
    client, partner = await create_client(gateway)
    path = f"/v1/api-clients/{client['id']}/keys"
    responses = await asyncio.gather(*(gateway.http.post(path, json={}, headers=partner) for _ in range(8)))
    assert sorted(response.status_code for response in responses) == [201] * 4 + [409] * 4


async def test_a_test_key_only_reads_and_a_scope_must_exist(gateway: Gateway) -> None:
    partner = await gateway.token("partner-developer")
    new_client = {"name": "x", "mode": "test", "scopes": ["evidence:write", "evidence:read", "moon:read"]}
    refused = await gateway.http.post("/v1/api-clients", json=new_client, headers=partner)
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/scopes/0", "/scopes/2"}
    client, _ = await create_client(gateway, mode="test")
    assert client["key"].startswith("impact_test_")
    request = (await gateway.http.get("/v1/evidence/x", headers={"X-API-Key": client["key"]})).json()
    assert caller_in(request).scopes == {"evidence:read"}


async def newcomer(gateway: Gateway) -> dict[str, str]:
    """Return the headers of someone who is no persona; `set_roles` changes their roles."""
    (person,) = await gateway.sql("INSERT INTO people (roles) VALUES ('{}') RETURNING id")
    token = create_token(SESSION_PREFIX)
    await gateway.sql(
        "INSERT INTO sessions (digest, person_id, expires_at) VALUES (:digest, :person, now() + interval '1 hour')",
        digest=hash_token(token),
        person=person,
    )
    return {"Authorization": f"Bearer {token}"}


async def set_roles(gateway: Gateway, *roles: str) -> None:
    """Give the newcomer these roles and no others, and empty the cache."""
    await gateway.sql("UPDATE people SET roles = :roles WHERE persona IS NULL", roles=["contributor", *roles])
    gateway.app.credential_cache.clear()


@pytest.mark.parametrize("scope", ROLE_SCOPES)
async def test_a_partner_gives_no_scope_that_stands_for_a_role(gateway: Gateway, scope: str) -> None:
    partner = await gateway.token("partner-developer")
    new_client = {**NEW_CLIENT, "scopes": ["evidence:read", scope]}
    refused = await gateway.http.post("/v1/api-clients", json=new_client, headers=partner)
    assert (refused.status_code, refused.json()["title"]) == (403, "Only an administrator can give these scopes")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/scopes/1"]
    assert await gateway.sql("SELECT count(*) FROM api_clients") == [0]


async def test_a_key_does_only_what_its_owner_may_still_give(gateway: Gateway) -> None:
    person = await newcomer(gateway)
    await set_roles(gateway, "administrator")
    new_client = {**NEW_CLIENT, "scopes": ["evidence:read", "surveys:write", "funding:read"]}
    key = (await gateway.http.post("/v1/api-clients", json=new_client, headers=person)).json()["key"]
    for roles, scopes in (
        (["administrator"], {"evidence:read", "surveys:write", "funding:read"}),
        (["partner"], {"evidence:read"}),
        ([], set[str]()),
    ):
        await set_roles(gateway, *roles)
        request = (await gateway.http.get("/v1/evidence/x", headers={"X-API-Key": key})).json()
        assert caller_in(request).scopes == scopes


async def test_a_key_of_a_persona_is_nobodys_where_there_is_no_demo(gateway: Gateway) -> None:
    client, _ = await create_client(gateway)
    gateway.app.authentication.settings.demo = False
    assert await status_with(gateway, client["key"]) == 401


async def test_clients_are_their_owners_alone(gateway: Gateway) -> None:
    client, _ = await create_client(gateway)
    for persona, status in (("carer", 403), ("finance", 403)):
        other = await gateway.token(persona)
        response = await gateway.http.get(f"/v1/api-clients/{client['id']}", headers=other)
        assert response.status_code == status
    key = {"X-API-Key": client["key"]}
    assert (await gateway.http.post("/v1/api-clients", json=NEW_CLIENT, headers=key)).status_code == 403
    assert (await gateway.http.get("/v1/api-clients")).status_code == 401


async def test_nonsense_is_refused_with_the_field_named(gateway: Gateway) -> None:
    partner = await gateway.token("partner-developer")
    for body, pointer in (
        ({**NEW_CLIENT, "name": ""}, "/name"),
        ({**NEW_CLIENT, "mode": "dead"}, "/mode"),
        ({**NEW_CLIENT, "owner_id": "x"}, "/owner_id"),
    ):
        refused = await gateway.http.post("/v1/api-clients", json=body, headers=partner)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    too_large = await gateway.http.post("/v1/api-clients", content=b"x" * 70_000, headers=partner)
    assert too_large.status_code == 413
    other_kind = {**partner, "Content-Type": "text/plain"}
    assert (await gateway.http.post("/v1/api-clients", content=b"x", headers=other_kind)).status_code in (415, 422)


async def test_a_stored_client_is_fetched_again_once_its_keys_have_changed(gateway: Gateway) -> None:
    partner = await gateway.token("partner-developer")
    created = await gateway.http.post("/v1/api-clients", json=NEW_CLIENT, headers=partner)
    path = created.headers["location"]

    async def status_of_stored(etag: str) -> int:
        return (await gateway.http.get(path, headers={**partner, "If-None-Match": etag})).status_code

    assert await status_of_stored(created.headers["etag"]) == 304
    first_key = created.json()["keys"][0]["id"]
    for change in (f"{path}/keys", f"{path}/keys/{first_key}/revoke", f"{path}/revoke"):
        before = (await gateway.http.get(path, headers=partner)).headers["etag"]
        assert await status_of_stored(before) == 304
        assert (await gateway.http.post(change, json={}, headers=partner)).is_success
        assert await status_of_stored(before) == 200
