"""A partner's developer makes clients, rotates their keys and revokes them."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Depends, Request, Response
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from gateway.credentials import cache, revocations
from gateway.credentials.cache import LIVE, TEST
from gateway.partners import queries, rules
from gateway.partners.tables import ApiClient, ApiKey
from shared import clock
from shared.callers import Caller, Role, allow
from shared.http.conditional_requests import ImpactRoute, create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import Invalid, NotFound, documented
from shared.views import Body, View


class ShownOnce(ImpactRoute):
    """A repeated request replays the first answer without its key: a key is kept nowhere, not even for a day."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            response = await handle(request)
            answered: dict[str, Any] = orjson.loads(response.body) if response.status_code == 201 else {}
            if answered.get("key"):
                kept = orjson.dumps({**answered, "key": None})
                headers = {k: v for k, v in response.headers.items() if k not in ("content-length", "content-type")}
                request.scope["impact.response"] = Response(kept, 201, headers, "application/json")
            return response

        return handled


router = create_router("/v1/api-clients", "API clients")
router.route_class = ShownOnce

Partner = Annotated[Caller, Depends(allow(Role.PARTNER, Role.ADMINISTRATOR))]


class KeyView(View):
    id: UUID
    hint: str = Field(description="How the key begins.", examples=["impact_live_Yk3q"])
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class ClientView(View):
    id: UUID
    name: str
    mode: Literal["live", "test"]
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None
    keys: list[KeyView] = Field(default_factory=list[KeyView])


class ClientWithKeyView(ClientView):
    key: str | None = Field(description="The key itself, shown this once; null when the request is repeated.")


class NewClient(Body):
    name: Annotated[str, Field(min_length=1, max_length=100, examples=["Our case recording system"])]
    mode: Literal["live", "test"] = Field(default="test", description="A test key only reads.")
    scopes: Annotated[list[str], Field(min_length=1, max_length=20, examples=[["evidence:read"]])]


class Rotation(Body):
    overlap_hours: Annotated[int, Field(ge=0, le=720, description="How long the older keys go on working.")] = 24


@router.post("", status_code=201, responses=documented(Invalid, rules.ScopeNotYours, rules.TooManyClients))
async def create_api_client(
    body: NewClient, caller: Partner, uow: Transaction, response: Response
) -> ClientWithKeyView:
    """Make an API client and its first key. The key is shown in this answer and never again.

    A partner gives the scopes of public reading, an administrator all. A key does what its owner may still give.
    """
    scopes = list(dict.fromkeys(body.scopes))
    rules.check_scopes(body.mode, scopes, caller.roles)
    await queries.hold_clients(uow.session, caller)
    if await queries.working_clients(uow.session, caller) >= rules.MOST_CLIENTS:
        raise rules.TooManyClients
    client = ApiClient(owner_id=caller.id, name=body.name, mode=body.mode, scopes=scopes)
    uow.save(client)
    await uow.session.flush()
    key, secret = _new_key(client)
    uow.save(key)
    await uow.session.flush()
    response.headers["Location"] = f"{router.prefix}/{client.id}"
    set_etag(response, client)
    return _view(client, [key], secret)


@router.get("")
async def list_api_clients(caller: Partner, session: Reading, paging: Paging) -> Page[ClientView]:
    """Your clients, the newest first, with what one can tell of their keys."""
    mine = select(ApiClient).where(col(ApiClient.owner_id) == caller.id)
    page = await paginate(session, mine, paging, key=(col(ApiClient.id),), view=_bare, descending=True)
    keys = await queries.keys_of(session, *(client.id for client in page.items))
    for client in page.items:
        client.keys = [KeyView.model_validate(key) for key in keys if key.client_id == client.id]
    return page


@router.get("/{client_id}", responses=documented(rules.ClientNotFound))
async def get_api_client(client_id: UUID, caller: Partner, session: Reading, response: Response) -> ClientView:
    """One of your clients."""
    client = await queries.client(session, client_id, caller)
    set_etag(response, client)
    return _view(client, list(await queries.keys_of(session, client.id)))


@router.post(
    "/{client_id}/keys",
    status_code=201,
    responses=documented(rules.ClientNotFound, rules.ClientRevoked, rules.TooManyKeys),
)
async def rotate_api_key(
    client_id: UUID, body: Rotation, caller: Partner, uow: Transaction, response: Response
) -> ClientWithKeyView:
    """Make a new key. The older ones go on working for the overlap, so that nothing stops meanwhile."""
    client = await queries.lock_client(uow.session, client_id, caller)
    keys = list(await queries.keys_of(uow.session, client.id))
    rules.rotate(client, keys, timedelta(hours=body.overlap_hours), clock.now())
    key, secret = _new_key(client)
    uow.save(key)
    await uow.session.flush()
    for older in keys:
        await revocations.tell(uow.session, older.id)
    response.headers["Location"] = f"{router.prefix}/{client.id}"
    return _view(client, [*keys, key], secret)


@router.post("/{client_id}/revocation", responses=documented(rules.ClientNotFound))
async def revoke_api_client(client_id: UUID, caller: Partner, uow: Transaction) -> ClientView:
    """Stop this client and all of its keys, at once and for good."""
    client = await queries.lock_client(uow.session, client_id, caller)
    keys = list(await queries.keys_of(uow.session, client.id))
    rules.revoke(client, keys, clock.now())
    await uow.session.flush()
    await revocations.tell(uow.session, client.id)
    return _view(client, keys)


@router.post("/{client_id}/keys/{key_id}/revocation", responses=documented(rules.ClientNotFound, NotFound))
async def revoke_api_key(client_id: UUID, key_id: UUID, caller: Partner, uow: Transaction) -> ClientView:
    """Stop one key, at once and for good. The client's other keys go on working."""
    client = await queries.lock_client(uow.session, client_id, caller)
    keys = list(await queries.keys_of(uow.session, client.id))
    wanted = next((key for key in keys if key.id == key_id), None)
    if wanted is None:
        raise NotFound
    rules.revoke_key(wanted, clock.now())
    await uow.session.flush()
    await revocations.tell(uow.session, wanted.id)
    return _view(client, keys)


def _new_key(client: ApiClient) -> tuple[ApiKey, str]:
    secret = cache.make(LIVE if client.mode == "live" else TEST)
    hint = secret[: len(LIVE) + 4]
    return ApiKey(client_id=client.id, digest=cache.digest(secret), hint=hint), secret


def _bare(client: ApiClient) -> ClientView:
    return ClientView.model_validate(client.model_dump())


def _view(client: ApiClient, keys: list[ApiKey], secret: str | None = None) -> ClientWithKeyView:
    shown = [KeyView.model_validate(key) for key in keys]
    return ClientWithKeyView.model_validate({**client.model_dump(), "keys": shown, "key": secret})
