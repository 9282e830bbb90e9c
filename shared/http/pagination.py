"""Pages by key set: the ten-thousandth costs what the first does. Cursors are signed and opaque."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar, cast
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel.sql.expression import SelectOfScalar

from shared.persistence.audit import plain
from shared.problems import BadCursor

T = TypeVar("T")
V = TypeVar("V")


class Page(BaseModel, Generic[T]):
    """Some of a list, and where the rest is."""

    items: list[T]
    next: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the caller asked of a list, and how to say where it goes on."""

    request: Request
    response: Response
    limit: int
    cursor: str | None
    count: bool

    def after(self, kinds: Sequence[type]) -> list[Any] | None:
        """The key of the last item of the page before, or None at the start. Raises BadCursor."""
        if self.cursor is None:
            return None
        try:
            signed = base64.urlsafe_b64decode(self.cursor.encode() + b"=" * (-len(self.cursor) % 4))
            payload, signature = signed[:-16], signed[-16:]
            if not hmac.compare_digest(signature, self._signature(payload)):
                raise BadCursor
            values = orjson.loads(payload)
            return [_restored(value, kind) for value, kind in zip(values, kinds, strict=True)]
        except (binascii.Error, ValueError) as error:
            raise BadCursor from error

    def next_url(self, key: Sequence[Any]) -> str:
        payload = orjson.dumps([plain(value) for value in key])
        cursor = base64.urlsafe_b64encode(payload + self._signature(payload)).decode().rstrip("=")
        url = self.request.url.include_query_params(cursor=cursor)
        address = f"{self.request.app.state.settings.public_url}{url.path}?{url.query}"
        self.response.headers["Link"] = f'<{address}>; rel="next"'
        return address

    def _signature(self, payload: bytes) -> bytes:
        """Over the filters too: a cursor of one list is not one of another."""
        filters = sorted(
            (k, v) for k, v in self.request.query_params.multi_items() if k not in ("cursor", "limit", "count")
        )
        signed = payload + self.request.url.path.encode() + orjson.dumps(filters)
        secret = self.request.app.state.settings.cursor_key.get_secret_value().encode()
        return hmac.new(secret, signed, hashlib.sha256).digest()[:16]


def _restored(value: Any, kind: type) -> Any:
    if kind is UUID:
        return UUID(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind is date else value


async def _requested(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="From `next`; do not build it.")] = None,
    count: Annotated[bool, Query(description="Adds `total`, which costs a full count.")] = False,
) -> PageRequest:
    return PageRequest(request, response, limit, cursor, count)


Paging = Annotated[PageRequest, Depends(_requested)]

Key = ColumnElement[Any] | Mapped[Any]


async def paginate(
    session: AsyncSession,
    statement: Select[Any] | SelectOfScalar[Any],
    paging: PageRequest,
    *,
    key: Sequence[Key],
    view: type[V] | Callable[[Any], V],
    descending: bool = False,
) -> Page[V]:
    """One page of `statement`, ordered by `key`: unique, not null, indexed, and attributes of what is selected.

    `view` is a model that is read from each row, or any function of the row.
    """
    counted = None
    if paging.count:
        counted = await session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    columns = [cast("ColumnElement[Any]", column) for column in key]
    after = paging.after([column.type.python_type for column in columns])
    page = statement
    if after is not None:
        place = tuple_(*columns)
        page = page.where(place < tuple_(*after) if descending else place > tuple_(*after))
    page = page.order_by(*(column.desc() if descending else column.asc() for column in columns)).limit(paging.limit + 1)
    result = await session.execute(page)
    rows: Sequence[Any] = result.all() if _is_core(statement) else result.scalars().all()
    page_rows = rows[: paging.limit]
    next_url = (
        paging.next_url([getattr(page_rows[-1], str(c.key)) for c in columns]) if len(rows) > paging.limit else None
    )
    return Page(items=[_viewed(row, view) for row in page_rows], next=next_url, total=counted)


def _viewed(row: Any, view: type[V] | Callable[[Any], V]) -> V:
    if isinstance(view, type) and issubclass(view, BaseModel):
        return cast("V", view.model_validate(row))
    return cast("Callable[[Any], V]", view)(row)


def _is_core(statement: Select[Any] | SelectOfScalar[Any]) -> bool:
    """Whether columns were selected (rows come back) or one entity (it comes back itself)."""
    described = statement.column_descriptions
    return not (len(described) == 1 and isinstance(described[0]["expr"], type))
