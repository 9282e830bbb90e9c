import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.types import Receive, Scope, Send

from gateway.credentials import oidc
from gateway.credentials.provider_responses import MAX_RESPONSE_BYTES
from shared.callers import Role
from tests.gateway.servers import answer_lifespan, caller_in, open_socket, respond, serve, url_of
from tests.gateway.world import Gateway, StartGateway, wait_until


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class IdentityProvider:
    """Publishes its keys and issues access tokens, as any OIDC issuer does."""

    url: str
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict[str, rsa.RSAPrivateKey])
    key_fields: dict[str, str] = field(default_factory=dict[str, str])
    key_fetches: int = 0
    discoveries: int = 0
    down: bool = False
    padding: int = 0
    """So many bytes more in its set of keys."""
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        elif scope["path"] == "/.well-known/openid-configuration":
            self.discoveries += 1
            description = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
            await respond(send, description, [], status=503 if self.down else 200)
        else:
            self.key_fetches += 1
            await self.released.wait()
            keys = [{**public(key), "kid": kid, "use": "sig", **self.key_fields} for kid, key in self.keys.items()]
            await respond(send, {"keys": keys, "padding": "x" * self.padding}, [])

    def token(
        self,
        kid: str = "one",
        key: rsa.RSAPrivateKey | None = None,
        headers: Mapping[str, str | None] | None = None,
        **other: Any,
    ) -> dict[str, str]:
        claims = {
            "iss": self.url,
            "aud": "impact",
            "sub": "someone",
            "exp": int(time.time()) + 300,
            "iat": int(time.time()),
            "realm_access": {"roles": ["approver", "offline_access"]},
            **other,
        }
        algorithm = (headers or {}).get("alg") or "RS256"
        signed = jwt.encode(claims, key or self.keys.get(kid) or new_key(), algorithm, {"kid": kid, **(headers or {})})
        return {"Authorization": f"Bearer {signed}"}


def public(key: rsa.RSAPrivateKey) -> dict[str, Any]:
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)


@pytest.fixture
async def provider() -> AsyncGenerator[IdentityProvider]:
    bound = open_socket()
    provider = IdentityProvider(url_of(bound), {"one": new_key()})
    provider.released.set()
    async with serve(provider, bound):
        yield provider


@pytest.fixture
async def gateway(start_gateway: StartGateway, provider: IdentityProvider) -> Gateway:
    return await start_gateway(demo=False, oidc_issuer=provider.url, oidc_roles_claim="realm_access.roles")


async def test_an_access_token_says_who_and_what_one_is(gateway: Gateway, provider: IdentityProvider) -> None:
    first = caller_in((await gateway.http.get("/v1/me", headers=provider.token())).json())
    assert first.roles == {Role.CONTRIBUTOR, Role.APPROVER}
    again = caller_in((await gateway.http.get("/v1/me", headers=provider.token(realm_access={}))).json())
    assert (again.id, again.roles) == (first.id, {Role.CONTRIBUTOR})
    other = caller_in((await gateway.http.get("/v1/me", headers=provider.token(sub="another"))).json())
    assert other.id != first.id
    assert provider.key_fetches == 1


async def test_a_key_does_what_the_provider_last_said_of_its_owner(
    gateway: Gateway, provider: IdentityProvider
) -> None:
    administrator = provider.token(realm_access={"roles": ["administrator"]})
    new_client = {"name": "x", "mode": "live", "scopes": ["evidence:read", "funding:read"]}
    key = {
        "X-API-Key": (await gateway.http.post("/v1/api-clients", json=new_client, headers=administrator)).json()["key"]
    }
    assert "funding:read" in caller_in((await gateway.http.get("/v1/evidence/x", headers=key)).json()).scopes
    partner = provider.token(realm_access={"roles": ["partner"]})
    assert (await gateway.http.get("/v1/me", headers=partner)).status_code == 200
    gateway.app.credential_cache.clear()
    request = (await gateway.http.get("/v1/evidence/x", headers=key)).json()
    assert caller_in(request).scopes == {"evidence:read"}


async def test_an_older_token_gives_back_no_role_that_the_provider_took(
    gateway: Gateway, provider: IdentityProvider
) -> None:
    now = int(time.time())
    approver = {"roles": ["approver"]}
    older, newer = provider.token(iat=now - 60, realm_access=approver), provider.token(iat=now - 30, realm_access={})
    for headers, expected in (
        (older, {Role.CONTRIBUTOR, Role.APPROVER}),
        (newer, {Role.CONTRIBUTOR}),
        (older, {Role.CONTRIBUTOR}),
        (provider.token(iat=now - 31, realm_access=approver), {Role.CONTRIBUTOR}),
    ):
        gateway.app.credential_cache.clear()
        assert caller_in((await gateway.http.get("/v1/me", headers=headers)).json()).roles == expected
        assert await gateway.sql("SELECT roles FROM people") == [sorted(expected - {Role.CONTRIBUTOR})]
    again = provider.token(iat=now - 10, realm_access=approver)
    assert Role.APPROVER in caller_in((await gateway.http.get("/v1/me", headers=again)).json()).roles


async def test_a_newer_token_counts_though_it_states_the_same(gateway: Gateway, provider: IdentityProvider) -> None:
    now = int(time.time())
    for seconds in (60, 30):
        await gateway.http.get("/v1/me", headers=provider.token(iat=now - seconds, realm_access={}))
    between = caller_in((await gateway.http.get("/v1/me", headers=provider.token(iat=now - 45))).json())
    assert between.roles == {Role.CONTRIBUTOR}
    assert await gateway.sql("SELECT roles || version::text FROM people") == [["1"]]


async def test_a_token_that_does_not_say_when_it_was_issued_is_refused(
    gateway: Gateway, provider: IdentityProvider
) -> None:
    sent = jwt.encode(
        {"iss": provider.url, "aud": "impact", "sub": "x", "exp": int(time.time()) + 300},
        provider.keys["one"],
        "RS256",
        {"kid": "one"},
    )
    assert (await gateway.http.get("/v1/me", headers={"Authorization": f"Bearer {sent}"})).status_code == 401


async def test_a_token_that_is_not_for_us_is_refused(gateway: Gateway, provider: IdentityProvider) -> None:
    claims = {"iss": provider.url, "aud": "impact", "sub": "x", "exp": 9e9}
    none = jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})
    secret = jwt.encode(claims, "s" * 32, headers={"kid": "one"})
    for sent in (
        provider.token(aud="another"),
        provider.token(iss="https://elsewhere.example"),
        provider.token(exp=int(time.time()) - 60),
        provider.token(key=new_key()),
        {"Authorization": f"Bearer {none}"},
        {"Authorization": f"Bearer {secret}"},
    ):
        assert (await gateway.http.get("/v1/me", headers=sent)).status_code == 401


@pytest.mark.parametrize("alg", [None, "PS256", "RS512"])
async def test_a_key_that_names_no_algorithm_serves_each_of_its_kind(
    gateway: Gateway, provider: IdentityProvider, alg: str | None
) -> None:
    provider.key_fields = {"alg": alg} if alg else {}
    statuses = list[int]()
    for algorithm in ("PS256", "RS512"):
        sent = provider.token(headers={"alg": algorithm}, sub=algorithm)
        statuses.append((await gateway.http.get("/v1/me", headers=sent)).status_code)
    assert statuses == {None: [200, 200], "PS256": [200, 401], "RS512": [401, 200]}[alg]
    if alg is None:
        secret = {"Authorization": "Bearer " + jwt.encode({"sub": "x"}, "s" * 32, headers={"kid": "one"})}
        assert (await gateway.http.get("/v1/me", headers=secret)).status_code == 401


async def test_a_claim_of_roles_may_be_named_by_a_url(start_gateway: StartGateway, provider: IdentityProvider) -> None:
    name = "https://impact.example/roles"
    gateway = await start_gateway(demo=False, oidc_issuer=provider.url, oidc_roles_claim=name)
    caller = caller_in((await gateway.http.get("/v1/me", headers=provider.token(**{name: ["finance"]}))).json())  # pyright: ignore[reportArgumentType]  a claim
    assert caller.roles == {Role.CONTRIBUTOR, Role.FINANCE}


async def test_a_token_of_another_kind_or_of_nobody_is_refused(gateway: Gateway, provider: IdentityProvider) -> None:
    for number, headers in enumerate(({"typ": "at+jwt"}, {"typ": "application/at+JWT"}, {"typ": "JWT"}, {"typ": None})):
        sent = provider.token(sub=f"person {number}", headers=headers)
        assert (await gateway.http.get("/v1/me", headers=sent)).status_code == 200
    for sent in (
        provider.token(headers={"typ": "logout+jwt"}),
        provider.token(headers={"typ": "dpop+jwt"}),
        provider.token(typ="ID"),
        provider.token(typ="Refresh"),
        provider.token(sub=""),
        provider.token(sub="a\0b"),
        provider.token(sub="a\nb"),
        provider.token(sub="x" * 256),
        provider.token(kid="one\0"),
    ):
        assert (await gateway.http.get("/v1/me", headers=sent)).status_code == 401
    assert provider.key_fetches == 2, "for the one key that is not known"


async def test_a_provider_that_was_down_at_the_start_refuses_nobody_once_it_is_back(
    gateway: Gateway, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "RETRY_SECONDS", 0.0)
    provider.down = True
    for _ in range(40):
        refused = await gateway.http.get("/v1/me", headers=provider.token())
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    provider.down = False
    assert (await gateway.http.get("/v1/me", headers=provider.token())).status_code == 200


async def test_a_provider_that_is_down_is_not_asked_by_everyone_who_calls(
    gateway: Gateway, provider: IdentityProvider
) -> None:
    provider.down = True
    calls = (gateway.http.get("/v1/me", headers=provider.token(sub=str(number))) for number in range(20))
    assert {response.status_code for response in await asyncio.gather(*calls)} == {503}
    assert provider.discoveries == 1


async def test_no_more_of_a_response_is_read_than_a_megabyte_and_keys_from_before_stay(
    gateway: Gateway, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "RETRY_SECONDS", 0.0)
    provider.padding = MAX_RESPONSE_BYTES
    assert (await gateway.http.get("/v1/me", headers=provider.token())).status_code == 503
    provider.padding = MAX_RESPONSE_BYTES - 10_000
    assert (await gateway.http.get("/v1/me", headers=provider.token())).status_code == 200
    provider.padding = MAX_RESPONSE_BYTES
    monkeypatch.setattr(oidc, "KEY_CACHE_SECONDS", 0.0)
    assert (await gateway.http.get("/v1/me", headers=provider.token())).status_code == 200


async def test_a_provider_that_changes_its_keys_while_it_is_hard_to_reach_refuses_nobody(
    gateway: Gateway, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "RETRY_SECONDS", 0.0)
    assert (await gateway.http.get("/v1/me", headers=provider.token())).status_code == 200
    provider.keys["two"] = new_key()
    provider.down = True
    assert (await gateway.http.get("/v1/me", headers=provider.token("two"))).status_code == 503
    assert (await gateway.http.get("/v1/me", headers=provider.token(sub="another"))).status_code == 200
    provider.down = False
    assert (await gateway.http.get("/v1/me", headers=provider.token("two"))).status_code == 200


async def test_a_new_key_is_fetched_at_once_but_not_for_everyone_who_makes_one_up(
    gateway: Gateway, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await gateway.http.get("/v1/me", headers=provider.token())).status_code == 200
    provider.keys["two"] = new_key()
    assert (await gateway.http.get("/v1/me", headers=provider.token("two"))).status_code == 200
    assert provider.key_fetches == 2
    made_up = [provider.token(f"made up {number}", new_key()) for number in range(6)]
    statuses = [(await gateway.http.get("/v1/me", headers=sent)).status_code for sent in made_up]
    assert statuses == [401] * 4 + [503] * 2
    assert provider.key_fetches == oidc.MAX_FETCHES
    assert (await gateway.http.get("/v1/me", headers=provider.token(sub="another"))).status_code == 200
    monkeypatch.setattr(oidc, "FETCH_WINDOW_SECONDS", 0.0)
    provider.keys["three"] = new_key()
    assert (await gateway.http.get("/v1/me", headers=provider.token("three"))).status_code == 200


async def test_a_key_that_the_provider_has_withdrawn_is_good_for_an_hour_at_most(
    gateway: Gateway, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await gateway.http.get("/v1/me", headers=provider.token())).status_code == 200
    withdrawn = provider.keys.pop("one")
    provider.keys["two"] = new_key()
    assert (await gateway.http.get("/v1/me", headers=provider.token(key=withdrawn, sub="a"))).status_code == 200
    later = time.monotonic() + oidc.KEY_CACHE_SECONDS
    monkeypatch.setattr(oidc, "time", SimpleNamespace(monotonic=lambda: later, time=time.time))
    assert (await gateway.http.get("/v1/me", headers=provider.token(key=withdrawn, sub="b"))).status_code == 401
    assert provider.key_fetches == 2


async def test_whoever_has_a_known_key_does_not_wait_while_a_made_up_one_is_asked_for(
    gateway: Gateway, provider: IdentityProvider
) -> None:
    await gateway.http.get("/v1/me", headers=provider.token())
    provider.released.clear()
    made_up = asyncio.create_task(gateway.http.get("/v1/me", headers=provider.token("two", new_key())))
    await wait_until(lambda: provider.key_fetches == 2)
    async with asyncio.timeout(2):
        assert (await gateway.http.get("/v1/me", headers=provider.token(sub="another"))).status_code == 200
    provider.released.set()
    assert (await made_up).status_code == 401


async def test_with_a_real_identity_provider_there_are_no_sign_in_links(gateway: Gateway) -> None:
    response = await gateway.http.get("/sign-in/impact_link_x")
    assert response.status_code == 404
    assert response.json()["title"] == "Sign-in links are not used here"
