"""Promise P7: every route says who may call it, and nobody writes without being known, but for what is listed."""

import pytest
from fastapi.routing import APIRoute

from shared.http.conditional_requests import ImpactRoute
from shared.http.openapi import api_routes, permissions_of
from tests.architecture.apps import SERVICES, api_of

ANYONE_MAY_WRITE = {
    (
        "engagement",
        "POST",
        "/v1/surveys/{survey_id}/responses",
    ): "an invitation is the permission, and the answer anonymous",
    ("evidence", "POST", "/oai"): "OAI-PMH reads by POST too, and changes nothing",
}
PINNED_ELSEWHERE = ("/oai", "/sitemap.xml")
"""Where programs of others expect them."""
OPERATIONS = ("/health/live", "/health/ready", "/metrics")
READS = {"GET", "HEAD"}

routes = [
    (service, route)
    for service in SERVICES
    for route in api_routes(api_of(service).routes)
    if route.path not in OPERATIONS
]


def methods(route: APIRoute) -> set[str]:
    return route.methods or set()


def named(found: tuple[str, APIRoute]) -> str:
    service, route = found
    return f"{service} {'/'.join(sorted(methods(route)))} {route.path}"


def test_there_are_routes_to_check() -> None:
    assert {service for service, _ in routes} == set(SERVICES)
    assert len(routes) > 40


@pytest.mark.parametrize("found", routes, ids=named)
def test_every_route_says_once_who_may_call_it(found: tuple[str, APIRoute]) -> None:
    assert len(permissions_of(found[1])) == 1


@pytest.mark.parametrize("found", [f for f in routes if methods(f[1]) - READS], ids=named)
def test_nobody_writes_without_being_known(found: tuple[str, APIRoute]) -> None:
    service, route = found
    excepted = all((service, method, route.path) in ANYONE_MAY_WRITE for method in methods(route))
    assert permissions_of(route)[0].anyone == excepted


@pytest.mark.parametrize("found", routes, ids=named)
def test_every_route_is_conditional_repeatable_and_described(found: tuple[str, APIRoute]) -> None:
    route = found[1]
    assert isinstance(route, ImpactRoute)
    assert route.description, "the docstring is what the reference says"
    assert route.path.startswith("/v1/") or route.path in PINNED_ELSEWHERE
