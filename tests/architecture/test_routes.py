"""Promise P7: every route declares who may call it, and anonymous callers may write only to the routes listed here."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any, get_args

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.partners.api import router as partners
from gateway.roles.api import router as roles
from gateway.web.demo.pages import router as demo
from gateway.web.pages.api import router as pages
from gateway.web.sessions.pages import router as session_pages
from gateway.web.sign_in.api import router as sessions
from gateway.web.sign_in.pages import router as sign_in
from shared.http.conditional_requests import ImpactRoute
from shared.http.openapi import api_routes, permissions_of
from shared.http.query_parameters import QueryNotUnderstood
from tests.architecture.apps import SERVICES, api_of
from tests.architecture.permissions.gateway.world import described
from tests.support.world import client

ANYONE_MAY_WRITE = {
    (
        "engagement",
        "POST",
        "/v1/surveys/{survey_id}/responses",
    ): "an invitation is the permission, and the answer anonymous",
    (
        "evidence",
        "POST",
        "/v1/evidence-requests/search",
    ): "a question that is typed stands in no address; nothing is stored",
    ("evidence", "POST", "/oai"): "OAI-PMH reads by POST too, and changes nothing",
}
PINNED_ELSEWHERE = ("/oai", "/sitemap.xml")
"""Paths at which other programs expect them."""
OPERATIONS = ("/health/live", "/health/ready", "/metrics")
READS = {"GET", "HEAD"}
NO_ID = "00000000-0000-0000-0000-000000000000"
VERBS = {
    "GET": {"list", "get", "search", "export", "download", "cite", "follow", "harvest", "show"},
    "PATCH": {"update"},
    "PUT": {"update", "replace"},
    "DELETE": {"delete", "erase"},
    "POST": {
        *("accept", "answer", "assign", "cancel", "certify", "close", "confirm", "correct", "create"),
        *("decide", "decline", "erase", "extend", "search"),
        *(
            "harvest",
            "keep",
            "merge",
            "open",
            "publish",
            "record",
            "release",
            "reopen",
            "replace",
            "resolve",
            "retract",
            "retry",
        ),
        *("return", "revoke", "rotate", "sign", "submit", "take", "unassign", "undo", "unpublish", "withdraw"),
    },
}
"""The verbs with which names of endpoints begin: of CRUD by method, and those of commands."""

routes = [
    (service, route)
    for service in SERVICES
    for route in api_routes(api_of(service).routes)
    if route.path not in OPERATIONS
]


def methods(route: APIRoute) -> set[str]:
    return route.methods or set()


def route_id(service_route: tuple[str, APIRoute]) -> str:
    service, route = service_route
    return f"{service} {'/'.join(sorted(methods(route)))} {route.path}"


def test_there_are_routes_to_check() -> None:
    assert {service for service, _ in routes} == set(SERVICES)
    assert len(routes) > 40


@pytest.mark.parametrize("service_route", routes, ids=route_id)
def test_every_route_says_once_who_may_call_it(service_route: tuple[str, APIRoute]) -> None:
    assert len(permissions_of(service_route[1])) == 1


@pytest.mark.parametrize("service_route", [f for f in routes if methods(f[1]) - READS], ids=route_id)
def test_nobody_writes_without_being_known(service_route: tuple[str, APIRoute]) -> None:
    service, route = service_route
    excepted = all((service, method, route.path) in ANYONE_MAY_WRITE for method in methods(route))
    assert permissions_of(route)[0].anyone == excepted


@pytest.mark.parametrize("service_route", routes, ids=route_id)
def test_every_route_is_conditional_repeatable_and_described(service_route: tuple[str, APIRoute]) -> None:
    route = service_route[1]
    assert isinstance(route, ImpactRoute)
    assert route.description, "the docstring is what the reference says"
    assert route.path.startswith("/v1/") or route.path in PINNED_ELSEWHERE


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
async def test_no_address_ignores_a_query_parameter_that_it_does_not_know(service: str) -> None:
    """But for pages, which others link to with parameters of their own, and OAI-PMH, which answers badArgument."""
    api = described() if service == "gateway" else api_of(service)
    addresses = [(method, path) for path, item in api.openapi()["paths"].items() for method in item]
    assert {path for _, path in addresses} > ({"/sitemap.xml"} if service == "evidence" else set())
    async with client(api) as http:
        for method, path in addresses:
            if (method, path) == ("get", "/oai"):
                continue
            filled_path = re.sub(r"{\w+}", NO_ID, path)
            response = await http.request(method.upper(), f"{filled_path}?not_a_parameter=1")
            assert (response.status_code, response.json()["title"]) == (422, QueryNotUnderstood.title), path
            assert [error["pointer"] for error in response.json()["errors"]] == ["?not_a_parameter"]


def types_in(annotation: Any) -> Iterator[Any]:
    """Yield a type and all that it is made of, without the fields of models."""
    yield annotation
    for argument in get_args(annotation):
        yield from types_in(argument)


def sent_moments(annotation: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield each field with a day or a time of what people send, also deep in models, and its type."""
    parts = list(types_in(annotation))
    if {date, datetime, time}.intersection(part for part in parts if isinstance(part, type)):
        yield place, annotation
    for model in parts:
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, field in model.model_fields.items():
                yield from sent_moments(field.rebuild_annotation(), f"{place}.{name}")


def dependants_of(dependant: Dependant) -> Iterator[Dependant]:
    """Yield a route's endpoint and all dependencies, at any depth."""
    yield dependant
    for dependency in dependant.dependencies:
        yield from dependants_of(dependency)


def test_no_number_is_taken_for_a_day_or_a_time() -> None:
    """Pydantic reads 1796083200 as a day by default, in Unix seconds, and "2026-11-30T00:00" too."""
    moments = [
        moment
        for service, route in [*routes, *gateway_routes]
        for dependant in dependants_of(route.dependant)
        for parameter in [*dependant.body_params, *dependant.query_params]
        for moment in sent_moments(parameter.field_info.rebuild_annotation(), f"{service} {route.name}")
    ]
    assert len(moments) > 15
    numbers = (1796083200, "1796083200", 3600, "3600", 0, "2026-11-30T00:00", "2026-11-30T00:00:00Z")
    assert [(place, number) for place, type_ in moments for number in numbers if _is_valid(type_, number)] == []


def _is_valid(annotation: Any, value: object) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True


gateway_routes = [
    ("gateway", route)
    for router in (partners, pages, roles, demo, session_pages, sessions, sign_in)
    for route in api_routes(router.routes)
]


@pytest.mark.parametrize("service_route", [*routes, *gateway_routes], ids=route_id)
def test_an_endpoint_is_called_after_its_method_or_its_command(service_route: tuple[str, APIRoute]) -> None:
    route = service_route[1]
    assert has_verb_of_its_method(route.endpoint, methods(route))


def has_verb_of_its_method(endpoint: Callable[..., object], methods: set[str]) -> bool:
    verb = endpoint.__name__.partition("_")[0]
    return all(verb in VERBS[method] for method in methods - {"HEAD"})


def test_a_name_that_does_not_say_what_an_endpoint_does_is_noticed() -> None:
    def topics() -> None: ...

    def get_topic() -> None: ...

    def change_topic() -> None: ...

    assert not has_verb_of_its_method(topics, {"GET"})
    assert not has_verb_of_its_method(get_topic, {"POST"})
    assert not has_verb_of_its_method(change_topic, {"PATCH"})
    assert has_verb_of_its_method(get_topic, {"GET", "HEAD"})
