"""Signing in at an identity provider that misbehaves as a test says; tests/verify has a real one."""

from typing import Any

import pytest

from gateway.credentials import oidc
from gateway.credentials.provider_responses import MAX_RESPONSE_BYTES
from tests.gateway.web.sign_in.organisation import begin, come_back, gateway, provider, roles_of, start_with
from tests.gateway.web.sign_in.provider import OpenIdProvider
from tests.gateway.world import BROWSER, Gateway, StartGateway

__all__ = ["gateway", "provider"]


async def test_a_provider_that_was_down_at_the_start_is_found_when_it_is_back(
    start_gateway: StartGateway, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "RETRY_SECONDS", 0.0)
    provider.down = True
    gateway = await start_with(start_gateway, provider)
    for _ in range(3):
        refused = await gateway.http.get("/sign-in/organisation", headers=BROWSER)
        assert (refused.status_code, "does not answer at the moment" in refused.text) == (503, True)
    provider.down = False
    granted = provider.grant(await begin(gateway))
    provider.token_status = 503
    assert (await come_back(gateway, granted)).status_code == 503
    provider.token_status = 200
    assert (await come_back(gateway, provider.grant(await begin(gateway)))).status_code == 303


async def test_a_provider_that_is_another_than_the_settings_name_is_none(
    start_gateway: StartGateway, provider: OpenIdProvider
) -> None:
    provider.metadata = {"issuer": "https://elsewhere.example"}
    gateway = await start_with(start_gateway, provider)
    assert (await gateway.http.get("/sign-in/organisation", headers=BROWSER)).status_code == 503


@pytest.mark.parametrize(
    "metadata",
    [
        {"token_endpoint_auth_methods_supported": 1},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": ["x"]},
        {"token_endpoint": None},
    ],
)
async def test_a_provider_that_says_nonsense_is_refused_in_plain_words(
    start_gateway: StartGateway, provider: OpenIdProvider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    gateway = await start_with(start_gateway, provider)
    refused = await gateway.http.get("/sign-in/organisation", headers=BROWSER)
    assert (refused.status_code, "tell whoever runs it" in refused.text) == (503, True)


async def test_tokens_that_are_larger_than_any_provider_sends_sign_nobody_in(
    gateway: Gateway, provider: OpenIdProvider
) -> None:
    provider.padding = MAX_RESPONSE_BYTES
    response = await come_back(gateway, provider.grant(await begin(gateway)))
    assert (response.status_code, await roles_of(gateway)) == (400, 401)
    assert "could not be verified" in response.text
