import asyncio
import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from gateway.main import create_app
from gateway.routes import RouteTable
from shared.http.openapi import api_routes, permissions_of
from tests.gateway.world import Gateway, settings

OPERATIONS = ("/health/live", "/health/ready", "/metrics")
OPEN_TO_ANYONE = {"/demo/sign-in", "/preferences", "/saved-answers/delete", "/sign-in", "/sign-in/{token}"}
"""The link's token is the permission, anybody may ask for one, and in a demo be a persona."""
SIGNS_OUT = {"/sessions/{session_id}/end", "/welcome/sign-out"}
"""Pressed again, by somebody whose session it has ended, they lead to the same page."""
KEEPS_ANSWERS = re.compile(r"/(tell|contributions|questions|learning|staff)\b.*")
"""Forms that keep what was sent, and lead whoever is not signed in to sign in: the service decides afterwards."""

pages = create_app(settings("postgresql://gateway:x@127.0.0.1:1/gateway", "http://127.0.0.1:1")).pages
assert isinstance(pages, FastAPI)
routes = [route for route in api_routes(pages.routes) if route.path not in OPERATIONS]


def named(route: APIRoute) -> str:
    return f"{'/'.join(sorted(route.methods or ()))} {route.path}"


@pytest.mark.parametrize("route", routes, ids=named)
def test_every_route_says_once_who_may_call_it_and_is_in_the_table(route: APIRoute) -> None:
    (allowed,) = permissions_of(route)
    methods = route.methods or set[str]()
    if "GET" not in methods:
        assert not allowed.anyone or route.path in OPEN_TO_ANYONE | SIGNS_OUT or KEEPS_ANSWERS.fullmatch(route.path)
    row = RouteTable().find(route.path)
    assert row is not None
    assert row.service == "gateway"
    for method in methods:
        assert row.open_to_anyone(method) or not allowed.anyone


async def test_the_audit_trail_is_sealed(gateway: Gateway) -> None:
    new_client = {"name": "x", "mode": "live", "scopes": ["evidence:read"]}
    headers = await gateway.token("partner-developer")
    assert (await gateway.http.post("/v1/api-clients", json=new_client, headers=headers)).status_code == 201
    async with asyncio.timeout(20):
        while await gateway.sql("SELECT count(*) FROM audit_seals") == [0]:  # noqa: ASYNC110  sealing signals nothing
            await asyncio.sleep(0.1)
