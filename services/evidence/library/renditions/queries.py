"""Renditions and their originals."""

import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    label,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.callers import is_editor
from services.evidence.library.items import queries as items
from services.evidence.library.items.attribution import credited_names
from services.evidence.library.items.editions.queries import erased_editions
from services.evidence.library.items.queries import check_visible
from services.evidence.library.items.tables import Item, item_editions
from services.evidence.library.renditions.rules import (
    GuideIsWithdrawn,
    Original,
    OriginalKind,
    is_withheld,
    normalise_names,
)
from services.evidence.library.renditions.statements import citations, editions, guides, lost_at_of, statements
from services.evidence.library.renditions.tables import Rendition
from shared.callers import Caller
from shared.persistence import audit
from shared.problems import Gone, NotFound

_BRIEF_COLUMNS = ("id", "original_kind", "original_id", "kind", "language", "title", "made_from_edition")


class RenditionNotFound(NotFound):
    title = "There is no such rendition"
    detail = "Check the id. The list is at /renditions of its original."


class RenditionRemoved(Gone):
    title = "This rendition was removed"
    detail = "Nothing needs to be done. Others are in the list, at /renditions of its original."


class GuideNotFound(NotFound):
    title = "There is no such guide"
    detail = "It may not be published yet. Check the id, or look in the list."


class RenditionRecord(NamedTuple):
    """A rendition and its original. Its version, and so its ETag, changes with either, and with whom that names."""

    rendition: Rendition
    original: Original

    @property
    def version(self) -> int:
        lost = sorted(self.original.lost.items())
        names = zlib.crc32(f"{self.original.named or ''}{lost or ''}".encode())
        return (self.rendition.version << 64) | (self.original.version << 32) | names


async def visible_original(session: AsyncSession, kind: OriginalKind, original_id: UUID, caller: Caller) -> Original:
    """Return an item or a guide that the caller may see.

    Raises ItemNotFound, ItemWithdrawn, ItemMerged, GuideNotFound, GuideIsWithdrawn.
    """
    if kind == "guide":
        return await _published_guide(session, original_id, lock=False)
    return await _visible_item(session, original_id, caller)


async def lock_original(session: AsyncSession, kind: OriginalKind, original_id: UUID, caller: Caller) -> Original:
    """Return the same, locked until this transaction ends: renditions are added and changed under this lock alone."""
    if kind == "guide":
        return await _published_guide(session, original_id, lock=True)
    await session.execute(select(col(Item.id)).where(col(Item.id) == original_id).with_for_update(key_share=True))
    return await _visible_item(session, original_id, caller)


async def _visible_item(session: AsyncSession, item_id: UUID, caller: Caller) -> Original:
    item = await items.get_item(session, item_id)
    check_visible(caller, item)
    is_published = item.status == "published"
    if item.way_of_knowing == "research":
        return Original("evidence", item.id, item.version, is_published, item.edition)
    names = normalise_names(credited_names(item.way_of_knowing, item.details))
    erased = await erased_editions(session, item_id)
    return Original("evidence", item.id, item.version, is_published, item.edition, names, erased)


async def _published_guide(session: AsyncSession, guide_id: UUID, *, lock: bool) -> Original:
    statement = select(guides).where(guides.c.id == guide_id)
    guide = (await session.execute(statement.with_for_update(key_share=True) if lock else statement)).first()
    if guide is not None and guide.status == "withdrawn":
        raise GuideIsWithdrawn(guide.id, guide.withdrawn_at)
    if guide is None or guide.status != "published":
        raise GuideNotFound
    names = await _named_in_guide(session, guide_id)
    lost_at = lost_at_of(editions.c.guide_id, editions.c.edition).label("lost_at")
    lost = select(editions.c.edition, lost_at).where(editions.c.guide_id == guide_id, lost_at.element.is_not(None))
    lost_by_edition = dict((await session.execute(lost)).all())
    return Original(
        "guide", guide.id, guide.version, published=True, edition=guide.edition, names=names, lost=lost_by_edition
    )


async def _named_in_guide(session: AsyncSession, guide_id: UUID) -> frozenset[str]:
    """Return whom the published accounts and practice knowledge that a guide cites name today."""
    details = col(Item.details)
    consent_and_credit = func.jsonb_build_object("consent", details["consent"], "credit", details["credit"])
    cited = (
        select(col(Item.way_of_knowing), consent_and_credit)
        .join(citations, citations.c.item_id == col(Item.id))
        .join(statements, statements.c.id == citations.c.statement_id)
        .where(statements.c.guide_id == guide_id)
        .where(col(Item.status) == "published", col(Item.way_of_knowing) != "research")
    )
    rows = await session.execute(cited.distinct())
    return normalise_names([name for way, details_of_item in rows for name in credited_names(way, details_of_item)])


def renditions_of(original: Original, caller: Caller) -> SelectOfScalar[Rendition]:
    """Select the renditions of an original, and of items merged into it, that the caller may see. To be paged by id."""
    statement = select_rows(Rendition).where(_is_of_original_or_merged(original), _is_published(original))
    if not is_editor(caller):
        named = func.string_to_array(col(Rendition.named), "\n", type_=ARRAY(Text))
        current_names = literal(sorted(original.names), ARRAY(Text))
        statement = statement.where(col(Rendition.named).is_(None) | named.contained_by(current_names))
        statement = statement.where(col(Rendition.made_from_edition).not_in(original.erased))
        for edition, lost_at in original.lost.items():
            made_before = and_(col(Rendition.made_from_edition) == edition, col(Rendition.updated_at) <= lost_at)
            statement = statement.where(~made_before)
    return statement


def renditions_for_review() -> Select[*tuple[Any, ...]]:
    """Select outdated and withheld renditions of published originals, in brief. To be paged by id."""
    of_item = and_(col(Item.id) == col(Rendition.original_id), col(Rendition.original_kind) == "evidence")
    of_guide = and_(guides.c.id == col(Rendition.original_id), col(Rendition.original_kind) == "guide")
    edition = func.coalesce(col(Item.edition), guides.c.edition)
    current_names = case((of_guide, _names_in_guide()), else_=func.array_remove(array([_name_of(Item)]), None))
    named = func.string_to_array(col(Rendition.named), "\n", type_=ARRAY(Text))
    outdated = label("outdated", col(Rendition.made_from_edition) < edition)
    erased = exists().where(
        col(Rendition.original_kind) == "evidence",
        item_editions.c.item_id == col(Rendition.original_id),
        item_editions.c.edition == col(Rendition.made_from_edition),
        item_editions.c.title == "",
    )
    lost_at = lost_at_of(col(Rendition.original_id), col(Rendition.made_from_edition))
    lost = func.coalesce(and_(of_guide, col(Rendition.updated_at) <= lost_at), false())
    withheld = label("withheld", func.coalesce(~named.contained_by(current_names), false()) | erased | lost)
    columns: tuple[Any, ...] = (
        *(getattr(Rendition, name) for name in _BRIEF_COLUMNS),
        label("current_edition", edition),
        outdated,
        withheld,
    )
    return (
        select(*columns)
        .select_from(Rendition)
        .outerjoin(Item, and_(of_item, col(Item.status) == "published"))
        .outerjoin(guides, and_(of_guide, guides.c.status == "published"))
        .where(edition.is_not(None), outdated.element | withheld.element)
    )


def _name_of(item: type[Item]) -> ColumnElement[str | None]:
    """Return the expression of whom an item names, as `attribution` and `rules.normalise_names` give it."""
    is_account, details = col(item.way_of_knowing) == "lived_experience", col(item.details)
    wish = case((is_account, details["consent"]), else_=details["credit"])
    is_named = func.coalesce(wish["attribution"].astext, "anonymous") != "anonymous"
    return case((is_named, func.regexp_replace(func.btrim(wish["name"].astext), r"\s+", " ", "g", type_=Text)))


def _names_in_guide() -> ColumnElement[Sequence[str]]:
    cited = aliased(Item)
    names = (
        select(_name_of(cited))
        .join(citations, citations.c.item_id == cited.id)
        .join(statements, statements.c.id == citations.c.statement_id)
        .where(statements.c.guide_id == col(Rendition.original_id), col(cited.status) == "published")
        .correlate(Rendition)
    )
    return func.array(names.scalar_subquery(), type_=ARRAY(Text))


async def visible_rendition(
    session: AsyncSession, kind: OriginalKind, original_id: UUID, rendition_id: UUID, caller: Caller
) -> RenditionRecord:
    """Return a rendition that the caller may see.

    Raises what `visible_original` does, RenditionNotFound, RenditionRemoved.
    """
    original = await visible_original(session, kind, original_id, caller)
    statement = select_rows(Rendition).where(
        col(Rendition.id) == rendition_id, _is_of_original_or_merged(original), _is_published(original)
    )
    rendition = (await session.execute(statement)).scalars().first()
    rendition = rendition or await _raise_missing(session, original, rendition_id)
    is_hidden = is_withheld(rendition.named, rendition.made_from_edition, rendition.updated_at, original)
    if is_hidden and not is_editor(caller):
        raise RenditionNotFound
    return RenditionRecord(rendition, original)


async def lock_rendition(
    session: AsyncSession, kind: OriginalKind, original_id: UUID, rendition_id: UUID, caller: Caller
) -> RenditionRecord:
    """Lock a rendition and its original. One of a merged item can no longer be changed.

    Raises what `visible_original` does, RenditionNotFound, RenditionRemoved.
    """
    original = await lock_original(session, kind, original_id, caller)
    statement = select_rows(Rendition).where(
        col(Rendition.id) == rendition_id, *_is_of_original(original), _is_published(original)
    )
    rendition = (await session.execute(statement.with_for_update())).scalars().first()
    return RenditionRecord(rendition or await _raise_missing(session, original, rendition_id), original)


async def same_rendition(
    session: AsyncSession, original: Original, kind: str, language: str, *, besides: UUID | None = None
) -> UUID | None:
    """Return another rendition of this kind and language. The original is locked, so that none is added meanwhile."""
    statement = select(col(Rendition.id)).where(
        *_is_of_original(original), col(Rendition.kind) == kind, col(Rendition.language) == language
    )
    if besides is not None:
        statement = statement.where(col(Rendition.id) != besides)
    return (await session.execute(statement)).scalars().first()


async def delete_renditions_of(session: AsyncSession, kind: OriginalKind, original_id: UUID) -> list[UUID]:
    """Delete all renditions of an original. Returns which there were."""
    statement = delete(Rendition).where(col(Rendition.original_kind) == kind, col(Rendition.original_id) == original_id)
    return list((await session.execute(statement.returning(col(Rendition.id)))).scalars())


async def _raise_missing(session: AsyncSession, original: Original, rendition_id: UUID) -> Rendition:
    removed = await audit.find_removal(session, "Rendition", rendition_id)
    if removed is None or (removed.before or {}).get("original_id") != str(original.id):
        raise RenditionNotFound
    raise RenditionRemoved(tombstone={"id": rendition_id, "removed_at": removed.at})


def _is_of_original(original: Original) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Rendition.original_kind) == original.kind, col(Rendition.original_id) == original.id


def _is_of_original_or_merged(original: Original) -> ColumnElement[bool]:
    merged = select(col(Item.id)).where(col(Item.merged_into) == original.id)
    return and_(
        col(Rendition.original_kind) == original.kind,
        (col(Rendition.original_id) == original.id) | col(Rendition.original_id).in_(merged),
    )


def _is_published(original: Original) -> ColumnElement[bool]:
    """Match in the statement that reads the words themselves: an original withdrawn meanwhile takes them along."""
    if original.kind == "guide":
        return exists().where(guides.c.id == original.id, guides.c.status == "published")
    return exists().where(col(Item.id) == original.id, col(Item.status) == "published")
