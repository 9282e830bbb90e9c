"""Partners generate clients from the description: schemas have unique, meaningful names."""

import json
import re
from collections import Counter
from typing import Any

import pytest
from fastapi import FastAPI

from gateway.routes import ROUTES, Route, RouteTable
from shared.http.openapi import api_routes
from tests.architecture.apps import SERVICES, api_of
from tests.architecture.permissions.gateway.world import described

MAX_SUMMARY_LENGTH = 120
MONEY_WITHOUT_IF_MATCH = {
    "/v1/payment-runs/{run_id}/bank-messages": "the bank knows no ETag; its message names the run, and pays only once",
}
documents: dict[str, dict[str, Any]] = {service: api_of(service).openapi() for service in SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_schemas_of_a_service_share_a_name(service: str) -> None:
    schemas = documents[service]["components"]["schemas"]
    assert [name for name in schemas if "__" in name or re.search(r"-(Input|Output)$", name)] == []
    titles = Counter(schema["title"] for schema in schemas.values() if "title" in schema)
    assert [title for title, count in titles.items() if count > 1] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_an_id_of_its_own(service: str) -> None:
    operations = [operation for item in documents[service]["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)


@pytest.mark.parametrize("api", [*map(api_of, SERVICES), described()], ids=[*SERVICES, "gateway"])
def test_a_summary_is_the_first_sentence_about_the_operation_and_not_its_name(api: FastAPI) -> None:
    names = {route.name.replace("_", " ").title() for route in api_routes(api.routes)}
    for item in api.openapi()["paths"].values():
        for operation in item.values():
            summary: str = operation["summary"]
            assert summary not in names
            assert len(summary) <= MAX_SUMMARY_LENGTH
            assert not summary.endswith(".")
            assert "\n" not in summary
            assert not operation.get("description", "").startswith(summary)


@pytest.mark.parametrize("service", SERVICES)
def test_no_json_is_described_as_a_text(service: str) -> None:
    texts = [
        f"{method} {path} {status}: {kind}"
        for path, item in documents[service]["paths"].items()
        for method, operation in item.items()
        for status, response in operation["responses"].items()
        for kind, content in response.get("content", {}).items()
        if kind.endswith("json") and content.get("schema", {}).get("type") == "string"
    ]
    assert texts == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_time_of_day_is_not_called_a_time_with_an_offset(service: str) -> None:
    assert '"format": "time"' not in json.dumps(documents[service])


@pytest.mark.parametrize("service", SERVICES)
def test_every_reference_leads_somewhere(service: str) -> None:
    document = documents[service]
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert names <= set(document["components"]["schemas"])


@pytest.mark.parametrize("service", SERVICES)
def test_an_amount_says_its_currency(service: str) -> None:
    fields = {
        name: schema.get("properties", {}) for name, schema in documents[service]["components"]["schemas"].items()
    }
    assert [
        name for name, properties in fields.items() if "pence" in " ".join(properties) and "currency" not in properties
    ] == []
    assert not [name for name, properties in fields.items() if any(field.endswith("_pence") for field in properties)]


def test_every_command_on_money_needs_the_etag_of_what_its_caller_has_read() -> None:
    commands = {
        path: item["post"]
        for path, item in documents["funding"]["paths"].items()
        if "post" in item and "{" in path and path not in MONEY_WITHOUT_IF_MATCH
    }
    assert len(commands) >= 6
    for path, command in commands.items():
        assert "if-match" in required_headers(command), path
        assert {"412", "428"} <= command["responses"].keys(), path


def required_headers(operation: dict[str, Any]) -> set[str]:
    return {
        parameter["name"]
        for parameter in operation["parameters"]
        if parameter["in"] == "header" and parameter["required"]
    }


def test_every_route_of_the_gateway_leads_to_an_endpoint() -> None:
    apis = {**{service: api_of(service) for service in SERVICES}, "gateway": described()}
    table, used = RouteTable(), set[Route | None]()
    for service, api in apis.items():
        paths = {route.path for route in api_routes(api.routes)}
        used |= {route for path in paths if (route := table.find(path)) and route.service == service}
    assert {route.prefix for route in ROUTES if route not in used} == set()


def test_every_form_refuses_the_fields_that_it_does_not_know() -> None:
    forms = {
        f"{method} {path}": content["schema"]["$ref"].rsplit("/", 1)[1]
        for path, item in documents["evidence"]["paths"].items()
        for method, operation in item.items()
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
        if media_type == "multipart/form-data"
    }
    assert len(forms) >= 2
    schemas = documents["evidence"]["components"]["schemas"]
    assert [form for form, schema in forms.items() if schemas[schema].get("additionalProperties") is not False] == []
