"""Key-set pagination: every page costs the same, however far into the list. Cursors are signed and opaque."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar, cast
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from shared.persistence.columns import SqlColumn
from shared.problems import InvalidCursor

T = TypeVar("T")
V = TypeVar("V")

_PARSERS: Mapping[type, Callable[[str], object]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}
"""For the values of a cursor that are texts in JSON, by the type of their column."""


class Page(BaseModel, Generic[T]):
    """One page of a list, and the URL of the next."""

    items: list[T]
    next: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The paging parameters of a request for a list, and the cursors that they are read from and written to."""

    request: Request
    response: Response
    limit: int
    cursor: str | None
    count: bool

    def after(self, types: Sequence[type]) -> list[Any] | None:
        """Return the key of the last item of the previous page, or None on the first. Raises InvalidCursor.

        `types` are those of the key's columns.
        """
        if self.cursor is None:
            return None
        try:
            signed = base64.urlsafe_b64decode(self.cursor.encode() + b"=" * (-len(self.cursor) % 4))
            payload, signature = signed[:-16], signed[-16:]
            if not hmac.compare_digest(signature, self._signature(payload)):
                raise InvalidCursor
            values = orjson.loads(payload)
            return [
                parse(value) if (parse := _PARSERS.get(kind)) else value
                for value, kind in zip(values, types, strict=True)
            ]
        except (binascii.Error, ValueError) as error:
            raise InvalidCursor from error

    def next_url(self, key: Sequence[Any]) -> str:
        """Return the URL of the page after the item with this key, and set it as the response's Link header."""
        payload = orjson.dumps(list(key), default=str)
        cursor = base64.urlsafe_b64encode(payload + self._signature(payload)).decode().rstrip("=")
        url = self.request.url.include_query_params(cursor=cursor)
        next_page = f"{self.request.app.state.settings.public_url}{url.path}?{url.query}"
        self.response.headers["Link"] = f'<{next_page}>; rel="next"'
        return next_page

    def _signature(self, payload: bytes) -> bytes:
        """Sign the filters too: the cursor of one list is not valid in another."""
        filters = sorted(
            (name, value)
            for name, value in self.request.query_params.multi_items()
            if name not in ("cursor", "limit", "count")
        )
        signed = payload + self.request.url.path.encode() + orjson.dumps(filters)
        secret = self.request.app.state.settings.cursor_key.get_secret_value().encode()
        return hmac.new(secret, signed, hashlib.sha256).digest()[:16]


async def _page_request(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="Taken from `next` of the previous page.")] = None,
    count: Annotated[bool, Query(description="Adds `total`, at the cost of counting all items.")] = False,
) -> PageRequest:
    return PageRequest(request, response, limit, cursor, count)


Paging = Annotated[PageRequest, Depends(_page_request)]

Key = SqlColumn


async def paginate(
    session: AsyncSession,
    statement: Select[Any] | SelectOfScalar[Any],
    paging: PageRequest,
    *,
    key: Sequence[Key],
    view: type[V] | Callable[[Any], V],
    descending: bool = False,
) -> Page[V]:
    """Return one page of `statement`, ordered by `key`. Raises InvalidCursor.

    The columns of `key` are together unique, not null, indexed, and attributes of the selected rows. `view` is a model
    that is read from each row, or any function of the row.
    """
    total = None
    if paging.count:
        total = await session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    columns = [cast("ColumnElement[Any]", column) for column in key]
    after = paging.after([column.type.python_type for column in columns])
    page = statement
    if after is not None:
        position = tuple_(*columns)
        page = page.where(position < tuple_(*after) if descending else position > tuple_(*after))
    page = page.order_by(*(column.desc() if descending else column.asc() for column in columns)).limit(paging.limit + 1)
    result = await session.execute(page)
    rows: Sequence[Any] = result.all() if _selects_columns(statement) else result.scalars().all()
    page_rows = rows[: paging.limit]
    next_url = (
        paging.next_url([getattr(page_rows[-1], str(column.key)) for column in columns])
        if len(rows) > paging.limit
        else None
    )
    return Page(items=[_to_view(row, view) for row in page_rows], next=next_url, total=total)


def _to_view(row: object, view: type[V] | Callable[[Any], V]) -> V:
    if isinstance(view, type) and issubclass(view, BaseModel):
        return cast("V", view.model_validate(row))
    return cast("Callable[[object], V]", view)(row)


def _selects_columns(statement: Select[Any] | SelectOfScalar[Any]) -> bool:
    """Return whether the statement selects columns, whose result is rows, rather than one entity."""
    described = statement.column_descriptions
    return not (len(described) == 1 and isinstance(described[0]["expr"], type))
