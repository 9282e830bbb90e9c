"""Guides as originals of renditions, and when something that they cite was lost.

Guides are made on top of items and renditions, so nothing of theirs is imported here: their tables are named.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    ScalarSelect,
    Uuid,
    and_,
    case,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col

from services.evidence.library.items.tables import Item, item_editions

guides = table(
    "guides",
    column("id", Uuid),
    column("version", Integer),
    column("status"),
    column("edition", Integer),
    column("withdrawn_at", DateTime(timezone=True)),
)
statements = table("guide_statements", column("id", Uuid), column("guide_id", Uuid))
citations = table("guide_citations", column("statement_id", Uuid), column("item_id", Uuid), column("accepted", JSONB))
editions = table("guide_editions", column("guide_id", Uuid), column("edition", Integer), column("content", JSONB))
_CITATIONS: ColumnElement[str] = literal_column("'$.statements[*].citations[*]'")


def lost_at_of(
    guide_id: ColumnElement[UUID] | Mapped[UUID], edition: ColumnElement[int] | Mapped[int]
) -> ScalarSelect[datetime]:
    """Return when an item that this edition of a guide cites was last withdrawn, taken back or retracted.

    Of an item that was merged, that is what became of the one which stands for it, or when they were merged. A
    retraction that an editor accepted in the guide does not count.
    """
    read = editions.alias()
    cited = func.jsonb_path_query(read.c.content, _CITATIONS, type_=JSONB).column_valued("cited")
    cited_item, item, taken_back = aliased(Item), aliased(Item), item_editions.alias()
    is_taken_back = exists().where(
        taken_back.c.item_id == item.id,
        taken_back.c.edition == cited["edition"].astext.cast(Integer),
        taken_back.c.title == "",
    )
    is_accepted = exists().where(
        citations.c.item_id.in_((cited_item.id, item.id)),
        citations.c.statement_id == statements.c.id,
        statements.c.guide_id == read.c.guide_id,
        citations.c.accepted.contains([{"reason": "retracted"}]),
    )
    is_retracted = and_(col(item.retraction)["nature"].astext == "retraction", ~is_accepted)
    is_withdrawn = col(item.status) == "withdrawn"
    is_gone = is_withdrawn | col(item.held_back_at).is_not(None)
    changed_at = func.greatest(col(item.updated_at), col(cited_item.updated_at))
    return (
        select(func.max(case((is_withdrawn, col(item.withdrawn_at)), else_=changed_at)))
        .select_from(read)
        .join(cited.scalar_alias, true())
        .join(cited_item, col(cited_item.id) == cited["item_id"].astext.cast(Uuid))
        .join(item, col(item.id) == func.coalesce(col(cited_item.merged_into), col(cited_item.id)))
        .where(read.c.guide_id == guide_id, read.c.edition == edition, is_gone | is_retracted | is_taken_back)
        .scalar_subquery()
    )
