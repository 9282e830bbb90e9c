"""The route table against what the services say of themselves."""

from typing import Any

import pytest

from gateway.openapi import METHODS, merge
from gateway.partners.callers import SCOPES
from gateway.routes import RouteTable
from tests.architecture.apps import SERVICES, api_of
from tests.gateway.test_openapi import references, resolved

table = RouteTable()
documents = {service: api_of(service).openapi() for service in SERVICES}
operations: list[tuple[str, str, str, dict[str, Any]]] = [
    (service, method.upper(), path, operation)
    for service, document in documents.items()
    for path, item in document["paths"].items()
    for method, operation in item.items()
    if method in METHODS
]


@pytest.mark.parametrize("operation", operations, ids=lambda operation: " ".join(operation[:3]))
def test_every_operation_is_reached_by_whom_the_service_lets_in(
    operation: tuple[str, str, str, dict[str, Any]],
) -> None:
    service, method, path, description = operation
    route = table.find(path)
    assert route is not None, "add it to gateway/routes.py"
    assert route.service == service
    anyone = description["x-who-may-call"] == ["anyone"]
    assert route.open_to_anyone(method) or not anyone, "the gateway would ask people to sign in"
    assert method == "GET" or route.open_to_anyone(method) == anyone


def test_a_key_can_be_given_every_scope_that_opens_something() -> None:
    scopes = {who for *_, description in operations for who in description["x-who-may-call"] if ":" in who}
    assert scopes <= set(SCOPES)


def test_the_services_descriptions_become_one_in_which_nothing_is_lost() -> None:
    merged = merge(documents, "http://here", table)
    assert set(merged["paths"]) == {path for _, _, path, _ in operations}
    names = [operation["operationId"] for item in merged["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names)) == len(operations)
    for reference in references(merged):
        resolved(merged, reference)
