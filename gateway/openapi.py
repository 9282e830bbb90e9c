"""The OpenAPI description of the whole API, merged from those of the services."""

import asyncio
import copy
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import aiohttp
import orjson

from gateway.problems import (
    AddressNotUnderstood,
    BadAnswer,
    BodyTooLarge,
    HeaderNotUnderstood,
    NotFromThisSite,
    OneCredentialOnly,
    ServiceBusy,
    ServiceDown,
    TooManyRequests,
)
from gateway.rate_limit_policies import RateLimitPolicy
from gateway.routes import SAFE_METHODS, RouteTable
from gateway.settings import SERVICES, GatewaySettings, Service
from shared.http.query_parameters import QUERY_RULE
from shared.http_server.problems import AddressTooLong, HeadersTooLarge, RequestNotUnderstood, TooManyConnections
from shared.problems import InternalError, Problem, RequestTimedOut, SignInNeeded, documented
from shared.views import Json

logger = logging.getLogger(__name__)

Document = dict[str, Any]

CACHE_SECONDS: Final = 60.0
RETRY_INTERVAL_SECONDS: Final = 5.0
"""How soon a service that did not answer is asked again; until then its last description serves."""
FETCH_TIMEOUT_SECONDS: Final = 3.0
COMPONENT_SECTIONS: Final = ("schemas", "responses", "parameters", "examples", "requestBodies", "headers")
GATEWAY_PROBLEMS: Final[dict[str, tuple[type[Problem], ...]]] = {
    "not-understood": (RequestNotUnderstood, AddressNotUnderstood, HeaderNotUnderstood, OneCredentialOnly),
    "too-many-requests": (TooManyRequests, TooManyConnections),
    **{problem.slug(): (problem,) for problem in (SignInNeeded, BodyTooLarge, AddressTooLong, HeadersTooLarge)},
    **{problem.slug(): (problem,) for problem in (InternalError, BadAnswer, RequestTimedOut)},
    "service-unavailable": (ServiceDown, ServiceBusy),
    NotFromThisSite.slug(): (NotFromThisSite,),
}
"""What the gateway may answer in place of a service: the problems of one status, by the response's component name."""
METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

SECURITY_SCHEMES: Final[Document] = {
    "session": {"type": "http", "scheme": "bearer", "description": "A session's token, or an OIDC access token."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A partner's key."},
}


class MergedDescription:
    """The merged description, fetched when it is needed and cached. A service that is down keeps its last one."""

    def __init__(self, settings: GatewaySettings, gateway_openapi: Callable[[], Document], routes: RouteTable) -> None:
        self._settings, self._gateway_openapi, self._routes = settings, gateway_openapi, routes
        self._documents: dict[str, Document] = {}
        self._next_fetch: dict[str, float] = {}
        self._lock = asyncio.Lock()
        self._merged: Document | None = None

    async def merged(self) -> Document:
        """Return the description, at most a minute old."""
        async with self._lock:
            now = time.monotonic()
            due: list[Service] = [service for service in SERVICES if now >= self._next_fetch.get(service, 0.0)]
            if due:
                documents = await asyncio.gather(*(self._fetch(service) for service in due))
                for service, document in zip(due, documents, strict=True):
                    self._next_fetch[service] = now + (CACHE_SECONDS if document else RETRY_INTERVAL_SECONDS)
                    if document and document != self._documents.get(service):
                        self._documents[service], self._merged = document, None
            if self._merged is None:
                everything = {"gateway": self._gateway_openapi(), **self._documents}
                factor = self._settings.rate_limit_factor
                self._merged = merge(everything, self._settings.public_url, self._routes, rate_limit_factor=factor)
                _say_what_is_missing(self._merged, [service for service in SERVICES if service not in self._documents])
            return self._merged

    async def _fetch(self, service: Service) -> Document | None:
        try:
            url = f"{self._settings.url_of(service)}/openapi.json"
            timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_SECONDS)
            async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as response:
                return orjson.loads(await response.read()) if response.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, orjson.JSONDecodeError):
            logger.warning("the description of %s could not be fetched", service)
            return None


def merge(
    documents: Mapping[str, Document], public_url: str, routes: RouteTable, *, rate_limit_factor: int = 1
) -> Document:
    """Return the OpenAPI 3.1 document of all paths in the route table.

    Components that differ under one name are renamed, and so are repeated operation ids.
    """
    merged: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "IMPACT",
            "version": "1",
            "summary": "Evidence, engagement and funding for adult social care, in one API.",
            "description": QUERY_RULE,
        },
        "servers": [{"url": public_url}],
        "tags": [],
        "paths": {},
        "components": {"securitySchemes": SECURITY_SCHEMES},
        "x-problems": {},
    }
    merged["components"]["responses"] = {name: _response(problems) for name, problems in GATEWAY_PROBLEMS.items()}
    operation_ids: set[str] = set()
    for service, original in documents.items():
        document = copy.deepcopy(original)
        _rename_references(document, _add_components(merged["components"], document, service))
        for path, item in sorted(document.get("paths", {}).items()):
            route = routes.find(path)
            if route is None or route.service != service:
                continue
            for method, operation in operations(item):
                operation["operationId"] = _unique_id(
                    operation.get("operationId", f"{service}_{path}"), service, operation_ids
                )
                operation["tags"] = operation.get("tags") or [service.capitalize()]
                _add_gateway_problems(operation, method)
                _add_rate_limit(operation, route.limit(method.upper()), rate_limit_factor)
            merged["paths"][path] = item
        merged["x-problems"].update(document.get("x-problems", {}))
    tags = {tag for item in merged["paths"].values() for _, operation in operations(item) for tag in operation["tags"]}
    merged["tags"] = [{"name": tag} for tag in sorted(tags)]
    return merged


def _say_what_is_missing(document: Document, services: Sequence[Service]) -> None:
    """Name the services that have not described themselves yet, so that nobody takes a part for the whole."""
    document["x-missing-services"] = list(services)
    if services:
        sentence = f"Incomplete: {', '.join(services)} did not answer yet. Ask again in a few seconds."
        document["info"]["description"] = f"{sentence}\n\n{document['info']['description']}"


def operations(item: Mapping[str, Any]) -> Iterator[tuple[str, Document]]:
    """Yield the operations of a path item, each with its method in lower case."""
    return ((method, operation) for method, operation in item.items() if method in METHODS)


def _add_components(components: Document, document: Document, service: str) -> dict[str, str]:
    """Add a document's components, sharing equal ones; returns which references must be renamed, and to what."""
    renamed: dict[str, str] = {}
    for section in COMPONENT_SECTIONS:
        existing = components.setdefault(section, {})
        added = document.get("components", {}).get(section, {})
        conflicting = _conflicting_names(existing, added, f"#/components/{section}/")
        for name, component in added.items():
            if name not in conflicting:
                existing.setdefault(name, component)
                continue
            new_name = f"{service.capitalize()}{name}"
            # Client generators name their classes by the title.
            existing[new_name] = {**component, "title": new_name} if "title" in component else component
            renamed[f"#/components/{section}/{name}"] = f"#/components/{section}/{new_name}"
    return renamed


def _conflicting_names(existing: Document, added: Document, prefix: str) -> set[str]:
    """Return the names that mean something else already, and those of components that refer to such a name."""
    conflicting = {name for name, component in added.items() if name in existing and existing[name] != component}
    while True:
        references = {f"{prefix}{name}" for name in conflicting}
        referring = {
            name
            for name in (added.keys() & existing.keys()) - conflicting
            if not references.isdisjoint(_references(added[name]))
        }
        if not referring:
            return conflicting
        conflicting |= referring


def _references(node: Json) -> Iterator[str]:
    """Yield every `$ref`."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _rename_references(node: Json, renamed: Mapping[str, str]) -> None:
    """Rename references in place: those of `$ref`, and of the mapping of a discriminator."""
    if not renamed:
        return
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and value in renamed:
                node[key] = renamed[value]
            else:
                _rename_references(value, renamed)
    elif isinstance(node, list):
        for value in node:
            _rename_references(value, renamed)


def _response(problems: tuple[type[Problem], ...]) -> Document:
    return documented(*problems)[problems[0].status]


def _add_gateway_problems(operation: Document, method: str) -> None:
    """Add what the gateway may answer in the service's place."""
    for name, problems in GATEWAY_PROBLEMS.items():
        if problems == (NotFromThisSite,) and method.upper() in SAFE_METHODS:
            continue
        reference = {"$ref": f"#/components/responses/{name}"}
        operation["responses"].setdefault(str(problems[0].status), reference)


def _add_rate_limit(operation: Document, policy: RateLimitPolicy, factor: int) -> None:
    """Say in the description which limit counts the operation, under the name that RateLimit-Policy has."""
    quota = policy.quota * factor
    sentence = f"Rate limit `{policy.name}`: {quota:,} requests in {policy.seconds} seconds for each {policy.counted}."
    operation["description"] = "\n\n".join(filter(None, (operation.get("description"), sentence)))
    operation["x-rate-limit"] = {"policy": policy.name, "quota": quota, "seconds": policy.seconds}


def _unique_id(operation_id: str, service: str, used_ids: set[str]) -> str:
    unique = operation_id if operation_id not in used_ids else f"{service}_{operation_id}"
    used_ids.add(unique)
    return unique
