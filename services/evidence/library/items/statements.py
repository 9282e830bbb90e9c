"""The statements that list items: published ones, with the ways of knowing in turns or by date alone, and drafts.

The list of published items is among the busiest paths of the service: its statements are compiled once and go straight
to the driver.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Label,
    Select,
    String,
    Uuid,
    all_,
    any_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.types import TypeEngine
from sqlmodel import col

from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.items.tables import Item
from services.evidence.library.place_filters import is_of_nation
from services.evidence.library.provenance.queries import came_with, is_imported
from services.evidence.library.topics.tables import filings

PlaceField = Literal["country", "setting"]
UnpublishedStatus = Literal["draft", "withdrawn"]
PLACE_FIELDS: tuple[PlaceField, ...] = ("country", "setting")
"""What a list may be filtered by although not every item says it."""
CompiledStatement = tuple[str, tuple[str, ...]]
"""A statement as asyncpg takes it, and the names of its parameters in their order."""


class ItemFilters(NamedTuple):
    """The filters of a list; None filters nothing."""

    way: str | None = None
    topics: Collection[UUID] | None = None
    country: str | None = None
    """`GB` includes its nations, and a nation includes what is from the whole of `GB`."""
    setting: str | None = None
    """In capitals or not."""
    import_id: UUID | None = None
    """Created or matched by a record of this import."""
    imported: bool | None = None
    """Whether a record of a file or another library became it; else somebody wrote it here."""
    retraction: str | None = None
    """The nature of the notice that holds for the work."""
    title: Collection[str] | None = None
    """Patterns (ILIKE), each of which the title matches."""
    held_back: bool | None = None
    """Whether it waits for an editor because it repeats what somebody took back."""

    @property
    def names(self) -> frozenset[str]:
        """The names of those that filter; `nation` in place of `country` for a part of a state."""
        values: dict[str, object] = self._asdict()
        names = {name for name, value in values.items() if value is not None}
        return frozenset(names - {"country"} | {"nation"} if self.country and len(self.country) > 2 else names)

    @property
    def places(self) -> list[PlaceField]:
        """The names of those that filter by place."""
        return [name for name in PLACE_FIELDS if getattr(self, name) is not None]

    def without(self, name: PlaceField) -> "ItemFilters":
        """Return the filters but for this one."""
        return self._replace(country=None) if name == "country" else self._replace(setting=None)


_like_special = re.compile(r"[\\%_]")
_ESCAPED = r"\\\g<0>"
_state = func.substr(col(Item.country), literal_column("1"), literal_column("2"))
"""Of a nation, the state that it is of. An index knows this expression."""
topics_column: Label[Sequence[UUID]] = func.array(
    select(filings.c.topic_id).where(filings.c.item_id == col(Item.id)).order_by(filings.c.topic_id).scalar_subquery(),
    type_=ARRAY(Uuid),
).label("topics")
_SUMMARY_COLUMNS: tuple[Any, ...] = (
    col(Item.id),
    col(Item.way_of_knowing),
    col(Item.status),
    col(Item.title),
    func.left(col(Item.summary), literal_column("600")).label("summary"),
    col(Item.country),
    col(Item.setting),
    col(Item.language),
    col(Item.details).op("->>")(literal_column("'published_on'")).label("published_on"),
    col(Item.details).op("->")(literal_column("'period'")).label("period"),
    col(Item.published_at),
    col(Item.edition),
    col(Item.retraction),
    topics_column,
)
select_summary: Select[*tuple[Any, ...]] = select(*_SUMMARY_COLUMNS)


def compile_statement(statement: Select[*tuple[Any, ...]]) -> CompiledStatement:
    """Return a statement as asyncpg takes it, and the names of its parameters in their order."""
    compiled = statement.compile(dialect=asyncpg.dialect())
    return str(compiled), tuple(compiled.positiontup or ())


def filter_conditions(names: Collection[str]) -> Iterable[ColumnElement[bool]]:
    """Return the conditions of the filters of these names, with parameters of their fields' names."""
    return _conditions(names, _parameter)


def conditions_of(filters: ItemFilters) -> Iterable[ColumnElement[bool]]:
    """Return the conditions of the filters with their values."""
    values = filters._asdict()
    return _conditions(filters.names, lambda name, kind: literal(values[name], kind))


def _conditions(
    names: Collection[str], parameter: Callable[[str, TypeEngine[Any]], BindParameter[Any]]
) -> Iterable[ColumnElement[bool]]:
    if "way" in names:
        yield col(Item.way_of_knowing) == parameter("way", String())
    if "topics" in names:
        under = filings.c.topic_id == any_(parameter("topics", ARRAY(Uuid)))
        yield exists().where(filings.c.item_id == col(Item.id), under)
    if "nation" in names:
        yield is_of_nation(col(Item.country), parameter("country", String()))
    if "country" in names:
        yield _state == parameter("country", String())
    if "setting" in names:
        yield _is_in_setting(parameter("setting", String()))
    if "import_id" in names:
        yield came_with(col(Item.id), parameter("import_id", Uuid()))
    if "imported" in names:
        yield is_imported(col(Item.id)) == parameter("imported", Boolean())
    if "retraction" in names:
        yield col(Item.retraction).op("->>")(literal_column("'nature'")) == parameter("retraction", String())
    if "title" in names:
        yield col(Item.title).op("ILIKE")(all_(parameter("title", ARRAY(String))))
    if "held_back" in names:
        yield col(Item.held_back_at).is_not(None) == parameter("held_back", Boolean())


def title_patterns(words: str) -> list[str]:
    """Return the patterns by which a title holds all these words, in capitals or not."""
    return [f"%{_like_special.sub(_ESCAPED, word)}%" for word in words.split()]


def place_conditions(country: str | None, setting: str | None) -> list[ColumnElement[bool]]:
    """Return the conditions that an item is from this place, with their values; none where nothing filters."""
    conditions: list[ColumnElement[bool]] = []
    if country is not None:
        nation = is_of_nation(col(Item.country), literal(country))
        conditions.append(nation if len(country) > 2 else _state == country)
    if setting is not None:
        conditions.append(_is_in_setting(literal(setting)))
    return conditions


def _is_in_setting(setting: ColumnElement[str]) -> ColumnElement[bool]:
    return func.lower(col(Item.setting)) == func.lower(setting)


def _parameter(name: str, kind: TypeEngine[Any]) -> BindParameter[Any]:
    return bindparam(name, type_=kind)


def _published(columns: Sequence[Any], names: Collection[str]) -> Select[*tuple[Any, ...]]:
    statement = select(*columns).select_from(Item).where(col(Item.status) == literal_column("'published'"))
    if "topics" in names:
        # Topics know what is published: they name the few items, which are then read.
        under = filings.c.topic_id == any_(_parameter("topics", ARRAY(Uuid)))
        classified = select(filings.c.item_id).where(under, filings.c.published_at.is_not(None))
        statement = statement.where(col(Item.id).in_(classified))
    return statement.where(*filter_conditions(set(names) - {"topics"}))


_NEWEST_FIRST = (col(Item.published_at).desc(), col(Item.id).desc())


@lru_cache
def newest_statement(names: frozenset[str], *, after: bool) -> CompiledStatement:
    """Return the statement of a page by date alone. `after`: it begins after `at` and `last`."""
    statement = _published(_SUMMARY_COLUMNS, names)
    if after:
        statement = statement.where(_is_before("at", "last"))
    return compile_statement(statement.order_by(*_NEWEST_FIRST).limit(_parameter("limit", Integer())))


@lru_cache
def balanced_statement(names: frozenset[str], *, after: bool) -> CompiledStatement:
    """Return the statement of a page on which the ways of knowing take turns, each with its newest.

    `turn` numbers the items of each way from the beginning of the list. Of each way only as many keys are read along
    its index as a page holds. `after`: each way begins after its own `at` and `last`, with `turn` items before.
    """
    keys: list[Select[*tuple[Any, ...]]] = []
    for way in WAYS:
        number = func.row_number().over(order_by=_NEWEST_FIRST)
        turn = number + _parameter(f"turn_{way}", Integer()) if after else number
        columns = (col(Item.id), col(Item.published_at), turn.label("turn"))
        statement = _published(columns, names).where(col(Item.way_of_knowing) == literal_column(f"'{way}'"))
        if after:
            statement = statement.where(_is_before(f"at_{way}", f"last_{way}"))
        keys.append(statement.order_by(*_NEWEST_FIRST).limit(_parameter("limit", Integer())))
    merged = union_all(*(select(key.subquery()) for key in keys)).subquery()
    in_turns = (merged.c.turn, merged.c.published_at.desc(), merged.c.id.desc())
    page = select(merged).order_by(*in_turns).limit(_parameter("limit", Integer())).subquery()
    statement = select(*_SUMMARY_COLUMNS, page.c.turn).join(page, page.c.id == col(Item.id))
    return compile_statement(statement.order_by(page.c.turn, page.c.published_at.desc(), page.c.id.desc()))


def _is_before(at: str, last: str) -> ColumnElement[bool]:
    cursor = tuple_(_parameter(at, DateTime(timezone=True)), _parameter(last, Uuid()))
    return tuple_(col(Item.published_at), col(Item.id)) < cursor


@lru_cache
def count_statement(names: frozenset[str], without: PlaceField | None = None) -> CompiledStatement:
    """Return the statement that counts items; `without`: those alone that do not say this."""
    statement = _published([func.count()], names)
    if without is None:
        return compile_statement(statement)
    # Indexes count both, while what does not say it would be read row by row.
    saying = statement.where(col(getattr(Item, without)).is_not(None))
    return compile_statement(select(statement.scalar_subquery() - saying.scalar_subquery()))


NEWEST_STATEMENT = balanced_statement(frozenset[str](), after=False)[0]
"""The first page of all that is published."""


def unpublished(status: UnpublishedStatus, contributor: UUID | None, filters: ItemFilters) -> Select[*tuple[Any, ...]]:
    """Return the statement of the drafts, or of what was withdrawn, of one contributor or of all. To be paged by id."""
    statement = select_summary.where(col(Item.status) == status, *filter_conditions(filters.names))
    if contributor is not None:
        statement = statement.where(col(Item.contributor_id) == contributor)
    return statement.params(filters._asdict())


def next_position(rows: Sequence[Mapping[str, Any]], position: Sequence[Any] | None) -> list[Any]:
    """Return where each way of knowing has ended, in the order of `WAYS`: its last turn, date and id.

    `position`: where the page before ended. On the first page, a way that is not on it begins after the newest item of
    all: what is published later belongs to no page of this walk.
    """
    begin = [0, rows[0]["published_at"], rows[0]["id"]]
    reached = {way: list((position or begin * len(WAYS))[3 * n : 3 * n + 3]) for n, way in enumerate(WAYS)}
    for row in rows:
        reached[row["way_of_knowing"]] = [row["turn"], row["published_at"], row["id"]]
    return [value for way in WAYS for value in reached[way]]
