"""What a service says of itself: who may call each path, its problems, its security."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from shared import problems
from shared.auth import allow

SECURITY: dict[str, Any] = {
    "session": {"type": "http", "scheme": "bearer", "description": "A session's token or an OIDC access token."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A partner's key."},
}


def api_routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Every endpoint, also those inside included routers."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None) or getattr(route, "router", None)) is not None:
            yield from api_routes(inner.routes)


def who_may(route: APIRoute) -> list[allow]:
    """The `allow` dependencies of a route: there must be exactly one."""

    def found(dependant: Dependant) -> Iterator[allow]:
        if isinstance(dependant.call, allow):
            yield dependant.call
        for inner in dependant.dependencies:
            yield from found(inner)

    return list(dict.fromkeys(found(route.dependant)))


def describe(app: FastAPI, package: str) -> None:
    """Replace the app's OpenAPI by one that also says who may call, and which problems there are."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            allowed = {route.operation_id or route.unique_id: who_may(route) for route in api_routes(app.routes)}
            for operation in _operations(document):
                _say_who(operation, allowed.get(operation.get("operationId", ""), []))
            components = document.setdefault("components", {})
            components.setdefault("schemas", {})["ProblemView"] = _problem_schema()
            components["securitySchemes"] = SECURITY
            document["x-problems"] = {p.slug(): problems.explained(p) for p in problems.known_problems(package)}
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document.get("paths", {}).values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                yield operation


def _say_who(operation: dict[str, Any], allowed: list[allow]) -> None:
    who = list(allowed[0].described()) if allowed else []
    operation["x-who-may-call"] = who
    operation["security"] = [{}] if who == ["anyone"] else [{"session": []}, {"key": []}]
    responses = operation["responses"]
    if "422" in responses and "HTTPValidationError" in str(responses["422"]):
        responses["422"] = problems.documented(problems.Invalid)[422]
    if any(kind.endswith("json") for kind in operation.get("requestBody", {}).get("content", {})):
        responses.setdefault("415", problems.documented(problems.WrongMediaType)[415])
    if who != ["anyone"]:
        for status, response in problems.documented(problems.SignInNeeded, problems.NotAllowed).items():
            responses.setdefault(str(status), response)


def _problem_schema() -> dict[str, Any]:
    schema = problems.ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    schema["properties"]["errors"]["anyOf"][0]["items"] = definitions["FieldError"]
    return schema
