"""A gateway where people sign in with their organisation's account, and what a browser does there."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from tests.gateway.servers import caller_in, open_socket, serve, url_of
from tests.gateway.web.sign_in.provider import OpenIdProvider
from tests.gateway.world import BROWSER, Gateway, StartGateway

SECRET = "a secret: with + and %"


@pytest.fixture
async def provider() -> AsyncGenerator[OpenIdProvider]:
    bound = open_socket()
    provider = OpenIdProvider(url_of(bound))
    async with serve(provider, bound):
        yield provider


@pytest.fixture
async def gateway(start_gateway: StartGateway, provider: OpenIdProvider) -> Gateway:
    return await start_with(start_gateway, provider)


async def start_with(start_gateway: StartGateway, provider: OpenIdProvider, **other: Any) -> Gateway:
    settings = {"oidc_client_id": "impact-web", "oidc_client_secret": SECRET, **other}
    return await start_gateway(demo=False, oidc_issuer=provider.url, rate_limit_factor=100, **settings)


async def begin(gateway: Gateway, path: str | None = None) -> str:
    """Press the button, and return where that leads."""
    response = await gateway.http.get("/sign-in/organisation", params={"next": path} if path else {})
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def come_back(gateway: Gateway, parameters: dict[str, str]) -> httpx.Response:
    return await gateway.http.get("/sign-in/callback", params=parameters, headers=BROWSER)


async def roles_of(gateway: Gateway) -> Any:
    response = await gateway.http.get("/v1/me")
    return sorted(caller_in(response.json()).roles) if response.status_code == 200 else response.status_code
