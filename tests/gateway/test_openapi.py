import asyncio
import re
from typing import Any

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from gateway.openapi import merge, operations
from gateway.routes import RouteTable
from tests.gateway.servers import answer_lifespan, open_socket, respond, serve
from tests.gateway.world import Gateway, StartGateway


def document(path: str, schema: dict[str, Any], operation: str = "list_boxes") -> dict[str, Any]:
    response = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Box"}}}, "description": ""}
    return {
        "openapi": "3.1.0",
        "paths": {path: {"get": {"operationId": operation, "tags": ["boxes"], "responses": {"200": response}}}},
        "components": {"schemas": {"Box": schema, "ProblemView": {"type": "object"}}},
        "x-problems": {f"no-such-{operation}": {"title": "No", "status": 404, "detail": "No.", "type": "/problems/no"}},
    }


def references(node: Any) -> set[str]:
    return set(re.findall(r'"\$ref":"([^"]+)"', orjson.dumps(node).decode()))


def resolved(node: Any, reference: str) -> Any:
    for name in reference.removeprefix("#/").split("/"):
        node = node[name]
    return node


def test_equal_components_are_shared_and_different_ones_renamed() -> None:
    documents = {
        "evidence": document("/v1/topics", {"type": "string"}),
        "engagement": document("/v1/surveys", {"type": "integer"}),
        "funding": document("/v1/claims", {"type": "string"}),
    }
    merged = merge(documents, "http://here", RouteTable())
    assert set(merged["components"]["schemas"]) == {"Box", "EngagementBox", "ProblemView"}
    schema_of = {
        path: next(iter(references(item["get"]["responses"]["200"]))) for path, item in merged["paths"].items()
    }
    assert schema_of["/v1/topics"] == schema_of["/v1/claims"] == "#/components/schemas/Box"
    assert resolved(merged, schema_of["/v1/surveys"]) == {"type": "integer"}
    names = [operation["operationId"] for item in merged["paths"].values() for _, operation in operations(item)]
    assert len(names) == len(set(names)) == 3


def test_a_component_that_refers_to_a_renamed_one_is_renamed_too() -> None:
    pages = {"type": "array", "items": {"$ref": "#/components/schemas/Box"}}
    documents = {
        "evidence": document("/v1/topics", {"title": "Box", "type": "string"}),
        "engagement": document("/v1/surveys", {"title": "Box", "type": "integer"}),
    }
    for description in documents.values():
        description["components"]["schemas"]["Page"] = dict(pages)
    schemas = merge(documents, "http://here", RouteTable())["components"]["schemas"]
    assert schemas["Page"]["items"] == {"$ref": "#/components/schemas/Box"}
    assert schemas["EngagementPage"]["items"] == {"$ref": "#/components/schemas/EngagementBox"}
    assert schemas["EngagementBox"] == {"title": "EngagementBox", "type": "integer"}


def test_a_tag_is_written_as_its_service_writes_it() -> None:
    description = document("/v1/topics", {})
    description["paths"]["/v1/topics"]["get"]["tags"] = ["OAI-PMH"]
    merged = merge({"evidence": description}, "http://here", RouteTable())
    assert merged["tags"] == [{"name": "OAI-PMH"}]
    assert merged["paths"]["/v1/topics"]["get"]["tags"] == ["OAI-PMH"]


def test_what_the_gateway_does_not_pass_on_is_not_described() -> None:
    documents = {"evidence": document("/internal", {}), "funding": document("/v1/topics", {})}
    assert merge(documents, "http://here", RouteTable())["paths"] == {}


def test_every_operation_says_what_the_gateway_may_refuse() -> None:
    description = document("/v1/topics", {})
    description["paths"]["/v1/topics"]["post"] = document("/v1/topics", {}, "b")["paths"]["/v1/topics"]["get"]
    merged = merge({"evidence": description}, "http://here", RouteTable())
    responses = merged["paths"]["/v1/topics"]["get"]["responses"]
    assert set(responses) == {"200", "400", "401", "413", "414", "429", "431", "500", "502", "503", "504"}
    assert set(merged["paths"]["/v1/topics"]["post"]["responses"]) == {*responses, "403"}
    examples = resolved(merged, responses["400"]["$ref"])["content"]["application/problem+json"]["examples"]
    assert set(examples) == {
        "request-not-understood", "address-not-understood", "header-not-understood", "one-credential-only"
    }  # fmt: skip
    assert resolved(merged, responses["429"]["$ref"])["content"]["application/problem+json"]["examples"]


def test_every_operation_says_its_rate_limit() -> None:
    documents = {"evidence": document("/v1/search", {}), "engagement": document("/v1/surveys/{id}/responses", {}, "b")}
    operation = documents["engagement"]["paths"]["/v1/surveys/{id}/responses"]
    operation["post"] = {**operation.pop("get"), "description": "Answer a survey."}
    paths = merge(documents, "http://here", RouteTable(), rate_limit_factor=2)["paths"]
    search = paths["/v1/search"]["get"]
    assert search["description"] == "Rate limit `search`: 480 requests in 60 seconds for each caller."
    assert search["x-rate-limit"] == {"policy": "search", "quota": 480, "seconds": 60}
    assert paths["/v1/surveys/{id}/responses"]["post"]["description"] == (
        "Answer a survey.\n\nRate limit `responses`: 20 requests in 60 seconds for each invitation."
    )


class DescribedService:
    """A service with a description; it fails while it is down."""

    def __init__(self) -> None:
        self.down = False
        self.fetches = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        self.fetches += scope["path"] == "/openapi.json"
        description = document("/v1/topics", {"type": "string"})
        await respond(send, {} if self.down else description, [], status=500 if self.down else 200)


async def test_one_document_describes_the_gateway_and_the_services(start_gateway: StartGateway) -> None:
    service = DescribedService()
    async with serve(service, open_socket()) as url:
        gateway = await start_gateway(service_url=url)
        responses = await asyncio.gather(*(gateway.http.get("/openapi.json") for _ in range(5)))
        merged = responses[0].json()
        assert service.fetches == 3
        assert merged["openapi"] == "3.1.0"
        assert set(merged["paths"]) >= {"/v1/topics", "/v1/api-clients", "/v1/api-clients/{client_id}/revoke"}
        assert set(merged["components"]["securitySchemes"]) == {"session", "key"}
        for reference in references(merged):
            resolved(merged, reference)
        assert {"too-many-requests", "no-such-list_boxes"} <= set(merged["x-problems"])


async def test_a_service_that_is_down_keeps_its_description(start_gateway: StartGateway, monkeypatch: Any) -> None:
    monkeypatch.setattr("gateway.openapi.CACHE_SECONDS", 0.0)
    service = DescribedService()
    async with serve(service, open_socket()) as url:
        gateway = await start_gateway(service_url=url)
        before = (await gateway.http.get("/openapi.json")).content
        service.down = True
        assert (await gateway.http.get("/openapi.json")).content == before
        assert service.fetches == 6


async def test_services_that_were_slow_at_the_start_are_named_until_they_describe_themselves(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.openapi.RETRY_INTERVAL_SECONDS", 0.0)
    service = DescribedService()
    service.down = True
    async with serve(service, open_socket()) as url:
        gateway = await start_gateway(service_url=url)
        partial = await gateway.http.get("/openapi.json")
        assert partial.json()["x-missing-services"] == ["evidence", "engagement", "funding"]
        assert partial.json()["info"]["description"].startswith(
            "Incomplete: evidence, engagement, funding did not answer"
        )
        assert partial.headers["cache-control"] == "no-store"
        assert "Incomplete:" in (await gateway.http.get("/docs")).text
        assert (await gateway.http.get("/problems")).json()["missing_services"] == ["evidence", "engagement", "funding"]
        assert (await gateway.http.get("/problems/no-such-list_boxes")).status_code == 503
        service.down = False
        whole = await gateway.http.get("/openapi.json")
        assert whole.json()["x-missing-services"] == []
        assert "Incomplete" not in whole.json()["info"]["description"]
        assert whole.headers["cache-control"] == "public, max-age=300"
        assert "Incomplete:" not in (await gateway.http.get("/docs")).text
        assert (await gateway.http.get("/problems")).json()["missing_services"] == []
        assert (await gateway.http.get("/problems/no-such-list_boxes")).status_code == 200


async def test_with_no_service_at_all_the_gateway_describes_itself(gateway: Gateway) -> None:
    merged = orjson.loads((await gateway.http.get("/openapi.json")).content)
    assert "/v1/api-clients" in merged["paths"]
    for item in merged["paths"].values():
        for _, operation in operations(item):
            assert operation["summary"]
            assert operation["x-who-may-call"]
            assert operation["security"]
