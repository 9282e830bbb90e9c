"""`/v1/api-clients`: create and revoke API clients, and rotate their keys."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response

from gateway.partners import commands, queries, rules
from gateway.partners.callers import PartnerOrAdministrator
from gateway.partners.views import ApiClientView, ApiClientWithKeyView, KeyRotation, NewApiClient
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import ImpactRoute, create_router
from shared.http.etags import combined, set_etag
from shared.http.pagination import Page, Paging
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, documented


class KeyShownOnceRoute(ImpactRoute):
    """A route whose repeated requests replay the first response without its key, which is stored nowhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_and_redact(request: Request) -> Response:
            response = await handle(request)
            body: dict[str, Any] = orjson.loads(response.body) if response.status_code == 201 else {}
            if body.get("key"):
                redacted = orjson.dumps({**body, "key": None})
                headers = {
                    name: value
                    for name, value in response.headers.items()
                    if name not in ("content-length", "content-type")
                }
                request.scope["impact.response"] = Response(redacted, 201, headers, "application/json")
            return response

        return handle_and_redact


router = create_router("/v1/api-clients", "API clients")
router.route_class = KeyShownOnceRoute


@router.post("", status_code=201, responses=documented(Invalid, rules.ScopeNotYours, rules.TooManyClients))
async def create_api_client(
    body: NewApiClient, caller: PartnerOrAdministrator, uow: Transaction, response: Response
) -> ApiClientWithKeyView:
    """Create an API client and its first key. The key is shown in this response and never again.

    A partner can give the scopes for public reading, an administrator all scopes. A key can do what its owner may
    currently give.
    """
    issued = await commands.create_client(uow, body, caller)
    location = f"{router.prefix}/{issued.client.id}"
    await flush_and_tag(uow, response, combined(issued.client, *issued.keys), location=location)
    return ApiClientWithKeyView.with_key(*issued)


@router.get("")
async def list_api_clients(caller: PartnerOrAdministrator, session: Reading, paging: Paging) -> Page[ApiClientView]:
    """List your API clients and the beginnings of their keys, the newest first."""
    page = await queries.list_clients(session, caller, paging)
    return Page(items=[ApiClientView.of(*item) for item in page.items], next=page.next, total=page.total)


@router.get("/{client_id}", responses=documented(queries.ClientNotFound))
async def get_api_client(
    client_id: UUID, caller: PartnerOrAdministrator, session: Reading, response: Response
) -> ApiClientView:
    """Get one of your API clients."""
    client, keys = await queries.get_client(session, client_id, caller)
    set_etag(response, combined(client, *keys))
    return ApiClientView.of(client, keys)


@router.post(
    "/{client_id}/keys",
    status_code=201,
    responses=documented(queries.ClientNotFound, rules.ClientRevoked, rules.TooManyKeys),
)
async def rotate_api_key(
    client_id: UUID, body: KeyRotation, caller: PartnerOrAdministrator, uow: Transaction, response: Response
) -> ApiClientWithKeyView:
    """Create a new key. The existing keys go on working for the overlap, so nothing breaks while you change over."""
    issued = await commands.rotate_key(uow, client_id, caller, timedelta(hours=body.overlap_hours))
    response.headers["Location"] = f"{router.prefix}/{issued.client.id}"
    return ApiClientWithKeyView.with_key(*issued)


@router.post("/{client_id}/revoke", responses=documented(queries.ClientNotFound))
async def revoke_api_client(client_id: UUID, caller: PartnerOrAdministrator, uow: Transaction) -> ApiClientView:
    """Revoke an API client and all of its keys. They stop working at once and for good."""
    return ApiClientView.of(*await commands.revoke_client(uow, client_id, caller))


@router.post("/{client_id}/keys/{key_id}/revoke", responses=documented(queries.ClientNotFound, queries.KeyNotFound))
async def revoke_api_key(
    client_id: UUID, key_id: UUID, caller: PartnerOrAdministrator, uow: Transaction
) -> ApiClientView:
    """Revoke one key. It stops working at once and for good; the client's other keys go on working."""
    return ApiClientView.of(*await commands.revoke_key(uow, client_id, key_id, caller))
