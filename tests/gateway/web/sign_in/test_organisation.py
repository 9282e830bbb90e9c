"""Signing in at an identity provider that misbehaves as a test says; tests/verify has a real one."""

import asyncio
import time
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shared.callers import Role
from tests.gateway.credentials.test_oidc import new_key
from tests.gateway.web.sign_in.organisation import SECRET, begin, come_back, gateway, provider, roles_of, start_with
from tests.gateway.web.sign_in.provider import OpenIdProvider
from tests.gateway.world import BROWSER, Gateway, StartGateway

__all__ = ["gateway", "provider"]


async def test_somebody_signs_in_with_their_organisations_account(gateway: Gateway, provider: OpenIdProvider) -> None:
    page = (await gateway.http.get("/sign-in?next=/sessions")).text
    assert 'href="/sign-in/organisation?next=/sessions"' in page
    assert "Sign in with your organisation&#39;s account" in page
    assert 'name="email"' not in page
    location = await begin(gateway, "/sessions")
    asked = parse_qs(urlsplit(location).query)
    assert location.startswith(f"{provider.url}/authorize?")
    assert {name: asked[name] for name in ("tenant", "response_type", "client_id", "scope")} == {
        "tenant": ["1"],
        "response_type": ["code"],
        "client_id": ["impact-web"],
        "scope": ["openid"],
    }
    assert (asked["code_challenge_method"], len(asked["code_challenge"][0])) == (["S256"], 43)
    assert asked["redirect_uri"] == [f"{gateway.url}/sign-in/callback"]
    provider.roles = ["approver", "offline_access"]
    back = await come_back(gateway, provider.grant(location))
    assert (back.status_code, back.headers["location"]) == (303, "/sessions")
    assert set(gateway.http.cookies) == {"impact_session"}
    assert await roles_of(gateway) == [Role.APPROVER, Role.CONTRIBUTOR]
    (exchange,) = provider.token_requests
    assert (exchange["grant_type"], exchange["redirect_uri"]) == ("authorization_code", asked["redirect_uri"][0])
    assert "client_secret" not in exchange
    scheme, credentials = provider.authorizations[0].split()
    assert (scheme, b64decode(credentials)) == ("Basic", b"impact-web:a+secret%3A+with+%2B+and+%25")


async def test_a_client_without_a_secret_and_one_that_sends_it_in_the_body(
    start_gateway: StartGateway, provider: OpenIdProvider
) -> None:
    public_client = await start_with(start_gateway, provider, oidc_client_secret=None)
    await come_back(public_client, provider.grant(await begin(public_client)))
    assert await roles_of(public_client) == [Role.CONTRIBUTOR]
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    posting = await start_with(start_gateway, provider)
    await come_back(posting, provider.grant(await begin(posting)))
    assert await roles_of(posting) == [Role.CONTRIBUTOR]
    without, with_secret = provider.token_requests
    assert (without["client_id"], "client_secret" in without) == ("impact-web", False)
    assert (with_secret["client_id"], with_secret["client_secret"]) == ("impact-web", SECRET)
    assert provider.authorizations == ["", ""]


async def test_a_sign_in_counts_only_in_the_browser_that_began_it_and_once(
    gateway: Gateway, provider: OpenIdProvider
) -> None:
    granted = provider.grant(await begin(gateway))
    state = dict(gateway.http.cookies)
    assert [name.rpartition("_")[0] for name in state] == ["impact_sign_in"]
    async with httpx.AsyncClient(base_url=gateway.url) as other:
        refused = await other.get("/sign-in/callback", params=granted, headers=BROWSER)
    assert (refused.status_code, "was not started in this browser" in refused.text) == (400, True)
    for parameters in ({**granted, "state": "x"}, {**granted, "state": ""}):
        assert (await come_back(gateway, parameters)).status_code == 400
    assert dict(gateway.http.cookies) == state, "what nobody began ends nothing"
    assert provider.token_requests == [], "no code is spent on it"
    assert (await come_back(gateway, granted)).status_code == 303
    gateway.http.cookies.clear()
    assert (await come_back(gateway, granted)).status_code == 400
    gateway.http.cookies.update(state)
    replayed = await come_back(gateway, granted)
    assert (replayed.status_code, "could not be verified" in replayed.text) == (400, True)
    assert "impact_session" not in gateway.http.cookies


async def test_two_tabs_in_which_somebody_signs_in_do_not_break_each_other(
    gateway: Gateway, provider: OpenIdProvider
) -> None:
    first, second = await begin(gateway, "/sessions"), await begin(gateway, "/preferences")
    for location, path in ((first, "/sessions"), (second, "/preferences")):
        back = await come_back(gateway, provider.grant(location))
        assert (back.status_code, back.headers["location"]) == (303, path)
    assert set(gateway.http.cookies) == {"impact_session"}


async def test_a_browser_carries_so_many_sign_ins_and_then_the_oldest_goes(
    gateway: Gateway, provider: OpenIdProvider
) -> None:
    locations = [await begin(gateway) for _ in range(7)]
    assert len(gateway.http.cookies) == 5
    statuses = [(await come_back(gateway, provider.grant(location))).status_code for location in locations]
    assert statuses == [400] * 2 + [303] * 5


@pytest.mark.parametrize(
    "misbehaves",
    [
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": ["impact-web", "another-client"]}},
        {"claims": {"aud": ["impact-web", "another-client"], "azp": "another-client"}},
        {"claims": {"azp": "another-client"}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"exp": int(time.time()) - 60}},
        {"claims": {"iat": None}},
        {"claims": {"sub": ""}},
        {"claims": {"typ": "Bearer"}},
        {"header": {"typ": "at+jwt"}},
        {"signs_with": new_key()},
        {"token_status": 400},
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_signs_nobody_in(
    gateway: Gateway, provider: OpenIdProvider, misbehaves: dict[str, Any]
) -> None:
    for name, value in misbehaves.items():
        setattr(provider, name, value)
    back = await come_back(gateway, provider.grant(await begin(gateway)))
    assert (back.status_code, "could not be verified" in back.text) == (400, True)
    assert 'href="/sign-in"' in back.text
    assert dict(gateway.http.cookies) == {}
    assert await gateway.sql("SELECT count(*) FROM people") == [0]


async def test_of_several_audiences_we_are_the_one_that_it_was_made_for(
    gateway: Gateway, provider: OpenIdProvider
) -> None:
    provider.claims = {"aud": ["impact-web", "another"], "azp": "impact-web", "typ": "ID"}
    assert (await come_back(gateway, provider.grant(await begin(gateway)))).status_code == 303


async def test_a_response_of_another_issuer_gets_no_code_of_ours(gateway: Gateway, provider: OpenIdProvider) -> None:
    for iss in ("https://elsewhere.example", None):
        granted = {**provider.grant(await begin(gateway)), "iss": iss}
        back = await come_back(gateway, {name: value for name, value in granted.items() if value is not None})
        assert (back.status_code, "could not be verified" in back.text) == (400, True)
    assert provider.token_requests == []


async def test_an_issuer_that_does_not_name_itself_is_believed_if_it_says_so(
    start_gateway: StartGateway, provider: OpenIdProvider
) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": False}
    gateway = await start_with(start_gateway, provider)
    granted = provider.grant(await begin(gateway))
    del granted["iss"]
    assert (await come_back(gateway, granted)).status_code == 303


async def test_whoever_cancels_reads_so_in_plain_words(gateway: Gateway, provider: OpenIdProvider) -> None:
    granted = provider.grant(await begin(gateway))
    refused = {
        "error": "access_denied",
        "error_description": "<b>no</b>",
        "state": granted["state"],
        "iss": provider.url,
    }
    back = await come_back(gateway, refused)
    assert (back.status_code, "Your organisation did not sign you in" in back.text) == (403, True)
    assert "<b>no" not in back.text
    assert dict(gateway.http.cookies) == {}


async def test_a_role_that_the_provider_takes_ends_sessions_at_the_next_sign_in(
    gateway: Gateway, provider: OpenIdProvider
) -> None:
    provider.roles = ["approver", "finance"]
    await come_back(gateway, provider.grant(await begin(gateway)))
    before = {"Cookie": f"impact_session={gateway.http.cookies['impact_session']}"}
    assert await roles_of(gateway) == [Role.APPROVER, Role.CONTRIBUTOR, Role.FINANCE]
    for roles, status in ((["finance", "approver", "partner"], 200), (["approver"], 401)):
        provider.roles = roles
        gateway.http.cookies.clear()
        await come_back(gateway, provider.grant(await begin(gateway)))
        assert await roles_of(gateway) == sorted([*roles, Role.CONTRIBUTOR])
        gateway.http.cookies.clear()
        assert (await gateway.http.get("/v1/me", headers=before)).status_code == status
    trail = "SELECT (after->'roles')::text FROM audit_entries WHERE kind = 'Person' ORDER BY id"
    assert await gateway.sql(trail) == [
        '["approver", "finance"]',
        '["approver", "finance", "partner"]',
        '["approver"]',
    ]


async def test_where_the_provider_gives_no_roles_those_of_administrators_stay(
    start_gateway: StartGateway, provider: OpenIdProvider
) -> None:
    gateway = await start_with(start_gateway, provider, oidc_gives_roles=False)
    provider.roles = ["administrator"]
    await come_back(gateway, provider.grant(await begin(gateway)))
    assert await roles_of(gateway) == [Role.CONTRIBUTOR]
    await gateway.sql("UPDATE people SET roles = '{approver}'")
    gateway.http.cookies.clear()
    await come_back(gateway, provider.grant(await begin(gateway)))
    assert await roles_of(gateway) == [Role.APPROVER, Role.CONTRIBUTOR]


async def test_two_first_sign_ins_at_once_make_one_person(gateway: Gateway, provider: OpenIdProvider) -> None:
    async def sign_in() -> int:
        async with httpx.AsyncClient(base_url=gateway.url) as http:
            location = (await http.get("/sign-in/organisation")).headers["location"]
            return (await http.get("/sign-in/callback", params=provider.grant(location))).status_code

    assert await asyncio.gather(sign_in(), sign_in(), sign_in()) == [303] * 3
    assert await gateway.sql("SELECT count(*) FROM people") == [1]


async def test_the_cookie_of_a_sign_in_is_short_lived_and_for_https_alone_where_there_is_https(
    start_gateway: StartGateway, provider: OpenIdProvider
) -> None:
    gateway = await start_with(start_gateway, provider, public_url="https://impact.example")
    response = await gateway.http.get("/sign-in/organisation")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-impact_sign_in_")
    for attribute in ("Secure", "HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/"):
        assert attribute in cookie
    assert "impact.example%2Fsign-in%2Fcallback" in response.headers["location"]


async def test_without_a_client_there_is_no_such_sign_in(start_gateway: StartGateway, provider: OpenIdProvider) -> None:
    gateway = await start_with(start_gateway, provider, oidc_client_id=None)
    for path in ("/sign-in/organisation", "/sign-in/callback"):
        response = await gateway.http.get(path)
        assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
