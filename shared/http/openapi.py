"""What a service says of itself: who may call each path, its problems, its security."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from shared import problems
from shared.callers import allow
from shared.persistence.unit_of_work import begin

SECURITY: dict[str, Any] = {
    "session": {"type": "http", "scheme": "bearer", "description": "A session's token or an OIDC access token."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A partner's key."},
}
KEY: dict[str, Any] = {
    "name": "idempotency-key",
    "in": "header",
    "required": False,
    "description": "A unique quoted string: sent again with the same body, it is given the first answer.",
    "schema": {"type": "string"},
}


def api_routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Every endpoint, also those inside included routers."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None) or getattr(route, "router", None)) is not None:
            yield from api_routes(inner.routes)


def dependencies_of(dependant: Dependant) -> Iterator[Any]:
    """Every dependency, also those of dependencies."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies_of(inner)


def who_may(route: APIRoute) -> list[allow]:
    """The `allow` dependencies of a route: there must be exactly one."""
    return list(dict.fromkeys(call for call in dependencies_of(route.dependant) if isinstance(call, allow)))


def describe(app: FastAPI, package: str) -> None:
    """Replace the app's OpenAPI by one that also says who may call, and which problems there are."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            routes = {route.operation_id or route.unique_id: route for route in api_routes(app.routes)}
            for operation in _operations(document):
                route = routes.get(operation.get("operationId", ""))
                _say_who(operation, who_may(route) if route else [])
                _say_what_all_refuse(operation)
                if route and "POST" in (route.methods or ()) and begin in dependencies_of(route.dependant):
                    _say_that_it_may_be_repeated(operation, forgets=app.state.settings.answers_can_be_forgotten)
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


def _say_what_all_refuse(operation: dict[str, Any]) -> None:
    """What no endpoint names, since all of its kind refuse it."""
    responses, parameters = operation["responses"], operation.get("parameters", [])
    kinds = list(operation.get("requestBody", {}).get("content", {}))
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    if parameters or kinds:
        _refuses(operation, problems.Invalid)
    if any(parameter["name"] == "cursor" for parameter in parameters):
        _refuses(operation, problems.BadCursor)
    if any(kind.endswith("json") for kind in kinds):
        _refuses(operation, problems.BadRequest, problems.WrongMediaType)
    if "multipart/form-data" in kinds:
        _refuses(operation, problems.BadRequest)
    if operation["x-who-may-call"] != ["anyone"]:
        _refuses(operation, problems.SignInNeeded, problems.NotAllowed)


def _say_that_it_may_be_repeated(operation: dict[str, Any], *, forgets: bool) -> None:
    parameters = operation.setdefault("parameters", [])
    if not any(parameter["name"] == KEY["name"] for parameter in parameters):
        parameters.append(KEY)
    _refuses(operation, problems.KeyEmpty, problems.KeyReused, problems.InFlight)
    if forgets:
        _refuses(operation, problems.AnswerForgotten)


def _refuses(operation: dict[str, Any], *kinds: type[problems.Problem]) -> None:
    """Add these problems to what the operation says of its refusals."""
    for kind in kinds:
        ((status, refusal),) = problems.documented(kind).items()
        known = operation["responses"].setdefault(str(status), refusal)
        examples = known["content"][problems.MEDIA_TYPE]["examples"]
        if kind.slug() not in examples:
            known["description"] += f" / {kind.title}"
            examples |= refusal["content"][problems.MEDIA_TYPE]["examples"]


def _problem_schema() -> dict[str, Any]:
    schema = problems.ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    schema["properties"]["errors"]["anyOf"][0]["items"] = definitions["FieldError"]
    return schema
