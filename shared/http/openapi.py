"""The OpenAPI document of a service, extended by who may call each operation and by its problems."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from shared import problems
from shared.callers import Permission
from shared.http.query_parameters import QUERY_RULE, QueryNotUnderstood, query_parameters_of
from shared.persistence.dependencies import begin_transaction, claim_idempotency_key
from shared.persistence.idempotency import required_key

SECURITY_SCHEMES: dict[str, Any] = {
    "session": {"type": "http", "scheme": "bearer", "description": "A session's token or an OIDC access token."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A partner's key."},
}
IDEMPOTENCY_KEY_PARAMETER: dict[str, Any] = {
    "name": "idempotency-key",
    "in": "header",
    "required": False,
    "description": "A unique quoted string. The same request with the same key gets the first response.",
    "schema": {"type": "string"},
}
MISSING_HEADER_PROBLEMS: dict[str, type[problems.Problem]] = {
    "if-match": problems.PreconditionRequired,
    "idempotency-key": problems.IdempotencyKeyRequired,
}

FIRST_SENTENCE = re.compile(r"(.+?)\.(?:\s+|$)", re.DOTALL)


def api_routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Yield every endpoint, also of included routers."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None) or getattr(route, "router", None)) is not None:
            yield from api_routes(inner.routes)


def dependencies_of(dependant: Dependant) -> Iterator[object]:
    """Yield every dependency, also of dependencies."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies_of(inner)


def permissions_of(route: APIRoute) -> list[Permission]:
    """Return the permissions of a route. A test checks that each route has exactly one."""
    return list(dict.fromkeys(call for call in dependencies_of(route.dependant) if isinstance(call, Permission)))


def describe(app: FastAPI, package: str) -> None:
    """Replace the app's OpenAPI document by one with summaries, permissions and problems, which `package` declares."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=QUERY_RULE, routes=app.routes)
            routes = {route.operation_id or route.unique_id: route for route in api_routes(app.routes)}
            for operation in _operations(document):
                _summarise(operation)
                route = routes.get(operation.get("operationId", ""))
                _add_permissions(operation, permissions_of(route) if route else [])
                _add_common_problems(operation)
                if route and query_parameters_of(route) is not None:
                    _add_problems(operation, QueryNotUnderstood)
                if route and _is_repeatable(route):
                    _add_idempotency_key(operation, redactable=app.state.settings.responses_are_redactable)
                if route and required_key in dependencies_of(route.dependant):
                    _add_problems(operation, problems.IdempotencyKeyRequired)
                _require_headers(operation)
            components = document.setdefault("components", {})
            components.setdefault("schemas", {})["ProblemView"] = _problem_schema()
            components["securitySchemes"] = SECURITY_SCHEMES
            document["x-problems"] = {
                problem.slug(): problems.example_of(problem) for problem in problems.known_problems(package)
            }
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi


def _is_repeatable(route: APIRoute) -> bool:
    """Return whether the endpoint takes an Idempotency-Key."""
    is_command = not {begin_transaction, claim_idempotency_key}.isdisjoint(dependencies_of(route.dependant))
    return is_command and "POST" in (route.methods or ())


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document.get("paths", {}).values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                yield operation


def _summarise(operation: dict[str, Any]) -> None:
    """Make the first sentence of the endpoint's docstring the summary, in place of the function's name.

    The description is the rest of the docstring, or absent.
    """
    if sentence := FIRST_SENTENCE.match(operation.get("description", "")):
        operation["summary"] = " ".join(sentence[1].split())
        if rest := operation.pop("description")[sentence.end() :]:
            operation["description"] = rest


def _add_permissions(operation: dict[str, Any], permissions: list[Permission]) -> None:
    labels = list(permissions[0].labels()) if permissions else []
    operation["x-who-may-call"] = labels
    operation["security"] = [{}] if labels == ["anyone"] else [{"session": []}, {"key": []}]


def _add_common_problems(operation: dict[str, Any]) -> None:
    """Add the problems that no endpoint declares, since every operation with such parameters or body has them."""
    responses, parameters = operation["responses"], operation.get("parameters", [])
    media_types = list(operation.get("requestBody", {}).get("content", {}))
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    if parameters or media_types:
        _add_problems(operation, problems.Invalid)
    if any(parameter["name"] == "cursor" for parameter in parameters):
        _add_problems(operation, problems.InvalidCursor)
    if any(media_type.endswith("json") for media_type in media_types):
        _add_problems(operation, problems.BadRequest, problems.UnsupportedMediaType)
    if "multipart/form-data" in media_types:
        _add_problems(operation, problems.BadRequest)
    if operation["x-who-may-call"] != ["anyone"]:
        _add_problems(operation, problems.SignInNeeded, problems.NotAllowed)


def _add_idempotency_key(operation: dict[str, Any], *, redactable: bool) -> None:
    parameters = operation.setdefault("parameters", [])
    if not any(parameter["name"] == IDEMPOTENCY_KEY_PARAMETER["name"] for parameter in parameters):
        parameters.append(IDEMPOTENCY_KEY_PARAMETER)
    _add_problems(operation, problems.IdempotencyKeyEmpty, problems.IdempotencyKeyReused, problems.RequestInProgress)
    if redactable:
        _add_problems(operation, problems.ResponseRedacted)


def _require_headers(operation: dict[str, Any]) -> None:
    """Mark each header as required whose absence is a problem that the operation documents."""
    slugs = {
        slug
        for response in operation["responses"].values()
        for media_type in response.get("content", {}).values()
        for slug in media_type.get("examples", {})
    }
    for parameter in operation.get("parameters", []):
        problem = MISSING_HEADER_PROBLEMS.get(parameter["name"])
        if problem is not None and problem.slug() in slugs:
            parameter |= {"required": True, "schema": {"type": "string"}}


def _add_problems(operation: dict[str, Any], *kinds: type[problems.Problem]) -> None:
    """Add these problems to the responses of the operation."""
    for kind in kinds:
        ((status, new_response),) = problems.documented(kind).items()
        response = operation["responses"].setdefault(str(status), new_response)
        examples = response["content"][problems.MEDIA_TYPE]["examples"]
        if kind.slug() not in examples:
            response["description"] += f" / {kind.title}"
            examples |= new_response["content"][problems.MEDIA_TYPE]["examples"]


def _problem_schema() -> dict[str, Any]:
    schema = problems.ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    schema["properties"]["errors"]["anyOf"][0]["items"] = definitions["FieldError"]
    return schema
