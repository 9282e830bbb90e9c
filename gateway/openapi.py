"""One description of the whole API, merged from what each service says of itself."""

import asyncio
import copy
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

import aiohttp
import orjson

from gateway.problems import (
    AddressNotUnderstood,
    AddressTooLong,
    BadAnswer,
    BodyTooLarge,
    HeaderNotUnderstood,
    HeadersTooLarge,
    OneCredentialOnly,
    ServiceDown,
    TooManyRequests,
)
from gateway.routes import RouteTable
from gateway.settings import SERVICES, GatewaySettings
from shared.problems import Problem, SignInNeeded, TooSlow, documented

logger = logging.getLogger(__name__)

Document = dict[str, Any]

FRESH_SECONDS: Final = 60.0
ASKED_AGAIN_SECONDS: Final = 5.0
"""While a service is down its last description serves, and it is asked again after this time."""
SECTIONS: Final = ("schemas", "responses", "parameters", "examples", "requestBodies", "headers")
OURS: Final[dict[str, tuple[type[Problem], ...]]] = {
    "not-understood": (AddressNotUnderstood, HeaderNotUnderstood, OneCredentialOnly),
    **{p.slug(): (p,) for p in (SignInNeeded, BodyTooLarge, AddressTooLong, HeadersTooLarge)},
    **{p.slug(): (p,) for p in (TooManyRequests, BadAnswer, ServiceDown, TooSlow)},
}
"""What the gateway may answer in a service's place, by the name of the response: problems of one status."""
METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

SECURITY: Final[Document] = {
    "session": {"type": "http", "scheme": "bearer", "description": "A session's token, or an OIDC access token."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A partner's key."},
}


class Descriptions:
    """The services' documents, fetched when asked for and kept; a service that is down keeps its last one."""

    def __init__(self, settings: GatewaySettings, own: Callable[[], Document], routes: RouteTable) -> None:
        self._settings, self._own, self._routes = settings, own, routes
        self._known: dict[str, Document] = {}
        self._asked: dict[str, float] = {}
        self._asking = asyncio.Lock()
        self._merged: Document | None = None

    async def merged(self) -> Document:
        async with self._asking:
            now = time.monotonic()
            due = [service for service in SERVICES if now >= self._asked.get(service, 0.0)]
            if due:
                fetched = await asyncio.gather(*(self._fetch(service) for service in due))
                for service, document in zip(due, fetched, strict=True):
                    self._asked[service] = now + (FRESH_SECONDS if document else ASKED_AGAIN_SECONDS)
                    if document and document != self._known.get(service):
                        self._known[service], self._merged = document, None
            if self._merged is None:
                everything = {"gateway": self._own(), **self._known}
                self._merged = merge(everything, self._settings.public_url, self._routes)
            return self._merged

    async def _fetch(self, service: Any) -> Document | None:
        try:
            where = f"{self._settings.url_of(service)}/openapi.json"
            patience = aiohttp.ClientTimeout(total=3)
            async with aiohttp.ClientSession(timeout=patience) as http, http.get(where) as answer:
                return orjson.loads(await answer.read()) if answer.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, orjson.JSONDecodeError):
            logger.warning("the description of %s could not be fetched", service)
            return None


def merge(documents: Mapping[str, Document], public_url: str, routes: RouteTable) -> Document:
    """OpenAPI 3.1 of all that the gateway passes on. Components that differ under one name are renamed."""
    merged: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "IMPACT",
            "version": "1",
            "summary": "Evidence, engagement and funding for adult social care, in one API.",
        },
        "servers": [{"url": public_url}],
        "tags": [],
        "paths": {},
        "components": {"securitySchemes": SECURITY},
        "x-problems": {},
    }
    merged["components"]["responses"] = {name: _response(problems) for name, problems in OURS.items()}
    operation_ids: set[str] = set()
    for service, original in documents.items():
        document = copy.deepcopy(original)
        _rename_references(document, _add_components(merged["components"], document, service))
        for path, item in sorted(document.get("paths", {}).items()):
            route = routes.find(path)
            if route is None or route.service != service:
                continue
            for operation in operations(item):
                operation["operationId"] = _unique(
                    operation.get("operationId", f"{service}_{path}"), service, operation_ids
                )
                operation["tags"] = [_title(tag) for tag in operation.get("tags") or [service]]
                _add_our_problems(operation)
            merged["paths"][path] = item
        merged["x-problems"].update(document.get("x-problems", {}))
    used = {tag for item in merged["paths"].values() for operation in operations(item) for tag in operation["tags"]}
    merged["tags"] = [{"name": tag} for tag in sorted(used)]
    return merged


def operations(item: Mapping[str, Any]) -> Iterator[Document]:
    return (operation for method, operation in item.items() if method in METHODS)


def _add_components(components: Document, document: Document, service: str) -> dict[str, str]:
    """Which references of this document change. Equal components are shared."""
    renamed: dict[str, str] = {}
    theirs = document.get("components", {})
    for section in SECTIONS:
        ours = components.setdefault(section, {})
        new = theirs.get(section, {})
        clashing = _clashing(ours, new, f"#/components/{section}/")
        for name, component in new.items():
            if name not in clashing:
                ours.setdefault(name, component)
                continue
            other = f"{service.capitalize()}{name}"
            # Generators of clients name their classes by the title.
            ours[other] = {**component, "title": other} if "title" in component else component
            renamed[f"#/components/{section}/{name}"] = f"#/components/{section}/{other}"
    return renamed


def _clashing(ours: Document, new: Document, prefix: str) -> set[str]:
    """Names that mean something else already, and those that only look the same since they refer to such a name."""
    clashing = {name for name, component in new.items() if name in ours and ours[name] != component}
    while True:
        wanted = {f"{prefix}{name}" for name in clashing}
        more = {name for name in (new.keys() & ours.keys()) - clashing if not wanted.isdisjoint(_references(new[name]))}
        if not more:
            return clashing
        clashing |= more


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in cast("Document", node).items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from _references(value)


def _rename_references(node: Any, renamed: Mapping[str, str]) -> None:
    """`node` is any JSON, changed in place; `$ref` and the mapping of a discriminator name components."""
    if not renamed:
        return
    if isinstance(node, dict):
        for key, value in node.items():  # pyright: ignore[reportUnknownVariableType]  any JSON
            if isinstance(value, str) and value in renamed:
                node[key] = renamed[value]
            else:
                _rename_references(value, renamed)
    elif isinstance(node, list):
        for value in node:  # pyright: ignore[reportUnknownVariableType]  any JSON
            _rename_references(value, renamed)


def _title(tag: str) -> str:
    """Services write their tags in different ways; people read one."""
    words = tag.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _response(problems: tuple[type[Problem], ...]) -> Document:
    return documented(*problems)[problems[0].status]


def _add_our_problems(operation: Document) -> None:
    """What the gateway may answer in the service's place."""
    for name, problems in OURS.items():
        if problems != (BodyTooLarge,) or "requestBody" in operation:
            ours = {"$ref": f"#/components/responses/{name}"}
            operation["responses"].setdefault(str(problems[0].status), ours)


def _unique(wanted: str, service: str, taken: set[str]) -> str:
    name = wanted if wanted not in taken else f"{service}_{wanted}"
    taken.add(name)
    return name
