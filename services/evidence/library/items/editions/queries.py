"""SQL of editions: the current one stands in `items`, the earlier ones in `item_editions`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import (
    Select,
    case,
    delete,
    func,
    insert,
    label,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.evidence.library.items.descriptions import ATTRIBUTION_FIELDS
from services.evidence.library.items.editions.rules import EditionErased
from services.evidence.library.items.queries import get_visible_item
from services.evidence.library.items.statements import topics_column
from services.evidence.library.items.tables import Item, ItemStatus, Side, edition_changes, item_editions
from services.evidence.library.items.words.rules import texts_of
from shared.callers import Caller
from shared.persistence.columns import in_array
from shared.problems import NotFound


class EditionNotFound(NotFound):
    title = "There is no such edition"
    detail = "Check the number. The list is at /versions of the item."


class EditionListRow(Protocol):
    """A row of `numbered_editions`."""

    @property
    def edition(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def superseded_at(self) -> datetime | None: ...
    @property
    def changed_by(self) -> Side | None: ...
    @property
    def agreed(self) -> bool | None: ...
    @property
    def fields(self) -> list[str] | None: ...


class EditionRow(NamedTuple):
    """One edition of a published item (or the draft): the text of then, and how a person is named today."""

    id: UUID
    version: int
    way_of_knowing: str
    status: ItemStatus
    contributor_id: UUID | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    retraction: dict[str, Any] | None
    current_edition: int
    topics: list[UUID]
    edition: int
    superseded_at: datetime | None
    """None for the current edition."""
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: dict[str, Any]


_earlier = item_editions.c
_OF_TODAY: tuple[Any, ...] = (
    col(Item.id),
    col(Item.version),
    col(Item.way_of_knowing),
    col(Item.status),
    col(Item.contributor_id),
    col(Item.created_at),
    col(Item.updated_at),
    col(Item.published_at),
    col(Item.retraction),
    label("current_edition", col(Item.edition)),
    topics_column,
)
_TEXT_FIELDS = ("title", "summary", "country", "setting", "language")
_detail = func.jsonb_each(col(Item.details)).table_valued("key", "value")
_attribution_of_today = (
    select(func.coalesce(func.jsonb_object_agg(_detail.c.key, _detail.c.value), text("'{}'")))
    .where(_detail.c.key.in_(sorted(ATTRIBUTION_FIELDS)))
    .correlate(Item)
    .scalar_subquery()
)


def numbered_editions(item_id: UUID) -> Select[*tuple[Any, ...]]:
    """Return the statement of the editions of a draft or published item (`EditionListRow`). To be paged by edition."""
    previous = aliased(item_editions).c
    since = select(previous.superseded_at).where(previous.item_id == col(Item.id)).correlate(Item, item_editions)
    first_since = col(Item.published_at), col(Item.created_at)
    current = select(
        label("edition", col(Item.edition)),
        label("title", col(Item.title)),
        null().label("superseded_at"),
        func.coalesce(since.where(previous.edition == col(Item.edition) - 1).scalar_subquery(), *first_since).label(
            "since"
        ),
    )
    earlier = select(
        _earlier.edition,
        case((_earlier.withheld, ""), else_=_earlier.title).label("title"),
        _earlier.superseded_at,
        func.coalesce(since.where(previous.edition == _earlier.edition - 1).scalar_subquery(), *first_since).label(
            "since"
        ),
    ).join(item_editions, _earlier.item_id == col(Item.id))
    of_item = col(Item.id) == item_id, col(Item.status).in_(("draft", "published"))
    editions = union_all(current.where(*of_item), earlier.where(*of_item)).subquery()
    change = edition_changes.c
    of_edition = (change.item_id == item_id) & (change.edition == editions.c.edition)
    statement = select(editions, change.changed_by, change.agreed, change.fields)
    return statement.outerjoin(edition_changes, of_edition)


class EditionChangeRow(NamedTuple):
    """Who made an edition, and what it changed."""

    item_id: UUID
    edition: int
    changed_by: Side
    agreed: bool
    fields: list[str]


async def latest_changes(session: AsyncSession, item_ids: Collection[UUID]) -> dict[UUID, EditionChangeRow]:
    """Return what made the current edition of each of these items, if it is not the first."""
    change = edition_changes.c
    columns = (change[name] for name in EditionChangeRow._fields)
    current = (col(Item.id) == change.item_id) & (col(Item.edition) == change.edition)
    statement = select(*columns).join(Item, current).where(in_array(change.item_id, item_ids))
    return {row.item_id: row for row in map(EditionChangeRow._make, await session.execute(statement))}


async def get_visible_edition(session: AsyncSession, item_id: UUID, edition: int, caller: Caller) -> EditionRow:
    """Return an edition that the caller may see.

    Raises EditionNotFound, EditionErased, ItemNotFound, ItemWithdrawn, ItemMerged.
    """
    published = (await published_editions(session, [(item_id, edition)])).get((item_id, edition))
    if published is not None:
        return published
    item = await get_visible_item(session, item_id, caller)
    if item.status != "draft" or item.edition != edition:
        is_erased = await title_of(session, item_id, edition) == ""
        raise EditionErased if is_erased else EditionNotFound
    fields = {name: getattr(item, name) for name in EditionRow._fields if name in item._fields}
    return EditionRow(**fields, current_edition=edition, superseded_at=None)


async def published_editions(
    session: AsyncSession, numbers: Collection[tuple[UUID, int]]
) -> dict[tuple[UUID, int], EditionRow]:
    """Return those of these editions (item, number) whose items are published and whose text was not erased."""
    current = select(
        *_OF_TODAY,
        label("edition", col(Item.edition)),
        null().label("superseded_at"),
        *(getattr(Item, name) for name in _TEXT_FIELDS),
        label("details", col(Item.details)),
    ).where(tuple_(col(Item.id), col(Item.edition)).in_(numbers), col(Item.status) == "published")
    earlier = (
        select(
            *_OF_TODAY,
            _earlier.edition,
            _earlier.superseded_at,
            *(_earlier[name] for name in _TEXT_FIELDS),
            _earlier.details.op("||")(_attribution_of_today).label("details"),
        )
        .join(item_editions, _earlier.item_id == col(Item.id))
        .where(tuple_(_earlier.item_id, _earlier.edition).in_(numbers), _earlier.title != "", ~_earlier.withheld)
        .where(col(Item.status) == "published")
    )
    rows = map(EditionRow._make, await session.execute(union_all(current, earlier)))
    return {(row.id, row.edition): row for row in rows}


async def save_edition(
    session: AsyncSession, item_id: UUID, edition: int, wording: dict[str, Any], superseded_at: datetime
) -> None:
    """Store what an edition said (`words.content.wording`) when it is replaced."""
    row = {"item_id": item_id, "edition": edition, "superseded_at": superseded_at, **wording}
    await session.execute(insert(item_editions), [row])


async def title_of(session: AsyncSession, item_id: UUID, edition: int) -> str | None:
    """Return the title of an earlier edition: empty if its text was erased or withheld, None if there is none."""
    title = case((_earlier.withheld, ""), else_=_earlier.title)
    statement = select(title).where(_earlier.item_id == item_id, _earlier.edition == edition)
    return await session.scalar(statement)


async def texts_of_edition(session: AsyncSession, item_id: UUID, edition: int) -> list[str]:
    """Return the texts of an earlier edition in which a person's words may stand."""
    statement = select(_earlier.summary, _earlier.details).where(
        _earlier.item_id == item_id, _earlier.edition == edition
    )
    row = (await session.execute(statement)).one()
    return texts_of(row.summary, row.details)


async def erased_editions(session: AsyncSession, item_id: UUID) -> frozenset[int]:
    """Return the numbers of the editions whose text was erased or is withheld."""
    is_gone = or_(_earlier.title == "", _earlier.withheld)
    statement = select(_earlier.edition).where(_earlier.item_id == item_id, is_gone)
    return frozenset((await session.execute(statement)).scalars())


async def erase_edition(session: AsyncSession, item_id: UUID, edition: int) -> None:
    """Erase the text of an earlier edition. Its number, and until when it was current, stay."""
    blank: dict[str, Any] = {"title": "", "summary": "", "country": None, "setting": None, "details": {}}
    of_edition = _earlier.item_id == item_id, _earlier.edition == edition
    await session.execute(update(item_editions).where(*of_edition).values(blank))


async def delete_editions(session: AsyncSession, item_id: UUID) -> None:
    """Delete every earlier edition of the item."""
    await session.execute(delete(item_editions).where(_earlier.item_id == item_id))
