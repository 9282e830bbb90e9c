"""What is asked of renditions and of their originals.

Guides are made on top of items and renditions, so nothing of theirs is imported here: their table is asked by its name.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    case,
    column,
    delete,
    exists,
    false,
    func,
    label,
    literal,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.evidence.library.items import queries as items
from services.evidence.library.items.editions import erased_editions
from services.evidence.library.items.rules import check_may_see
from services.evidence.library.items.tables import Item, item_editions
from services.evidence.library.items.views import attribution
from services.evidence.library.renditions.rules import (
    GuideGone,
    GuideNotThere,
    Original,
    OriginalKind,
    RenditionNotFound,
    RenditionRemoved,
    names_in,
)
from services.evidence.library.renditions.tables import Rendition
from shared.callers import Caller
from shared.persistence import audit

_guides = table(
    "guides",
    column("id", Uuid),
    column("version", Integer),
    column("status"),
    column("edition", Integer),
    column("withdrawn_at", DateTime(timezone=True)),
)
_statements = table("guide_statements", column("id", Uuid), column("guide_id", Uuid))
_citations = table("guide_citations", column("statement_id", Uuid), column("item_id", Uuid))


async def original(
    session: AsyncSession, caller: Caller, kind: OriginalKind, original_id: UUID, *, held: bool = False
) -> Original:
    """As the caller may see it; `held`: as it stays until this transaction ends, in which alone renditions are added.

    Raises ItemNotFound, ItemWithdrawn, ItemMerged, GuideNotThere, GuideGone.
    """
    if kind == "guide":
        return await _guide(session, original_id, held=held)
    if held:
        await session.execute(select(col(Item.id)).where(col(Item.id) == original_id).with_for_update(key_share=True))
    row = await items.item(session, original_id)
    check_may_see(caller, row)
    published = row.state == "published"
    if row.way_of_knowing == "research":
        return Original(kind, row.id, row.version, published, row.edition)
    names = names_in(attribution(row.way_of_knowing, row.own))
    erased = await erased_editions(session, original_id)
    return Original(kind, row.id, row.version, published, row.edition, names, erased)


async def _guide(session: AsyncSession, guide_id: UUID, *, held: bool) -> Original:
    statement = select(_guides).where(_guides.c.id == guide_id)
    row = (await session.execute(statement.with_for_update(key_share=True) if held else statement)).first()
    if row is not None and row.status == "withdrawn":
        raise GuideGone(row.id, row.withdrawn_at)
    if row is None or row.status != "published":
        raise GuideNotThere
    names = await _named_in_guide(session, guide_id)
    return Original("guide", row.id, row.version, published=True, edition=row.edition, names=names)


async def _named_in_guide(session: AsyncSession, guide_id: UUID) -> frozenset[str]:
    """Whom the accounts and the practice knowledge that it cites name today. Of a withdrawn one, nobody."""
    own = col(Item.own)
    wishes = func.jsonb_build_object("consent", own["consent"], "credit", own["credit"])
    cited = (
        select(col(Item.way_of_knowing), wishes)
        .join(_citations, _citations.c.item_id == col(Item.id))
        .join(_statements, _statements.c.id == _citations.c.statement_id)
        .where(_statements.c.guide_id == guide_id)
        .where(col(Item.state) == "published", col(Item.way_of_knowing) != "research")
    )
    rows = await session.execute(cited.distinct())
    return names_in([name for way, wished in rows for name in attribution(way, wished)])


def renditions_of(original: Original, *, withheld: bool) -> Select[Any]:
    """Also of items that were merged into it. To be paged by id.

    `withheld`: also those that are, see `rules.withheld`.
    """
    wanted: Any = select(Rendition).where(_is_of_or_came_with(original), _shown(original))
    if not withheld:
        named = func.string_to_array(col(Rendition.named), "\n", type_=ARRAY(Text))
        today = literal(sorted(original.names), ARRAY(Text))
        wanted = wanted.where(col(Rendition.named).is_(None) | named.contained_by(today))
        wanted = wanted.where(col(Rendition.made_from_edition).not_in(original.erased))
    return wanted


def to_be_looked_at() -> Select[Any]:
    """Of originals that are shown: those that are outdated or withheld, in brief. To be paged by id."""
    item = and_(col(Item.id) == col(Rendition.original_id), col(Rendition.original_kind) == "evidence")
    guide = and_(_guides.c.id == col(Rendition.original_id), col(Rendition.original_kind) == "guide")
    edition = func.coalesce(col(Item.edition), _guides.c.edition)
    today = case((guide, _names_in_guide()), else_=func.array_remove(array([_name_of(Item)], type_=Text), None))
    named = func.string_to_array(col(Rendition.named), "\n", type_=ARRAY(Text))
    outdated = label("outdated", col(Rendition.made_from_edition) < edition)
    erased = exists().where(
        col(Rendition.original_kind) == "evidence",
        item_editions.c.item_id == col(Rendition.original_id),
        item_editions.c.edition == col(Rendition.made_from_edition),
        item_editions.c.title == "",
    )
    withheld = label("withheld", func.coalesce(~named.contained_by(today), false()) | erased)
    brief: tuple[Any, ...] = (
        *(getattr(Rendition, name) for name in _BRIEF),
        label("current_edition", edition),
        outdated,
        withheld,
    )
    wanted: Any = select(*brief)
    return (
        wanted.outerjoin(Item, and_(item, col(Item.state) == "published"))
        .outerjoin(_guides, and_(guide, _guides.c.status == "published"))
        .where(edition.is_not(None), outdated.element | withheld.element)
    )


_BRIEF = ("id", "original_kind", "original_id", "kind", "language", "title", "made_from_edition")


def _name_of(item: Any) -> Any:
    """Whom an item names, as `attribution` says it and `rules.names_in` writes it."""
    lived = item.way_of_knowing == "lived_experience"
    wish: Any = case((lived, item.own["consent"]), else_=item.own["credit"])
    shown = func.coalesce(wish["attribution"].astext, "anonymous") != "anonymous"
    return case((shown, func.regexp_replace(func.btrim(wish["name"].astext), r"\s+", " ", "g")))


def _names_in_guide() -> Any:
    cited = aliased(Item)
    names = (
        select(_name_of(cited))
        .join(_citations, _citations.c.item_id == cited.id)
        .join(_statements, _statements.c.id == _citations.c.statement_id)
        .where(_statements.c.guide_id == col(Rendition.original_id), col(cited.state) == "published")
        .correlate(Rendition)
    )
    return func.array(names.scalar_subquery(), type_=ARRAY(Text))


async def rendition(
    session: AsyncSession, original: Original, rendition_id: UUID, *, locked: bool = False
) -> Rendition:
    """`locked`: to be changed, which one that came with a merged item cannot be.

    Raises RenditionNotFound, RenditionRemoved.
    """
    of = and_(*_is_of(original)) if locked else _is_of_or_came_with(original)
    statement = select(Rendition).where(col(Rendition.id) == rendition_id, of, _shown(original))
    found = (await session.execute(statement.with_for_update() if locked else statement)).scalars().first()
    if found is None:
        removed = await audit.find_removal(session, "Rendition", rendition_id)
        if removed is None or (removed.before or {}).get("original_id") != str(original.id):
            raise RenditionNotFound
        raise RenditionRemoved(tombstone={"id": rendition_id, "removed_at": removed.at})
    return found


async def same(
    session: AsyncSession, original: Original, kind: str, language: str, *, besides: UUID | None = None
) -> UUID | None:
    """The rendition of this kind and language. The original is held, so that none comes in between."""
    statement = select(col(Rendition.id)).where(
        *_is_of(original), col(Rendition.kind) == kind, col(Rendition.language) == language
    )
    if besides is not None:
        statement = statement.where(col(Rendition.id) != besides)
    return (await session.execute(statement)).scalars().first()


async def forget_all_of(session: AsyncSession, kind: OriginalKind, original_id: UUID) -> list[UUID]:
    """Returns which there were."""
    gone = delete(Rendition).where(col(Rendition.original_kind) == kind, col(Rendition.original_id) == original_id)
    return list((await session.execute(gone.returning(col(Rendition.id)))).scalars())


def _is_of(original: Original) -> tuple[Any, ...]:
    return col(Rendition.original_kind) == original.kind, col(Rendition.original_id) == original.id


def _is_of_or_came_with(original: Original) -> Any:
    merged = select(col(Item.id)).where(col(Item.merged_into) == original.id)
    return and_(
        col(Rendition.original_kind) == original.kind,
        (col(Rendition.original_id) == original.id) | col(Rendition.original_id).in_(merged),
    )


def _shown(original: Original) -> Any:
    """Asked again with the words themselves: what is withdrawn meanwhile takes them along."""
    if original.kind == "guide":
        return exists().where(_guides.c.id == original.id, _guides.c.status == "published")
    return exists().where(col(Item.id) == original.id, col(Item.state) == "published")
