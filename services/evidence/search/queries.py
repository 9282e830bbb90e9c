"""What changed since, read without a gap; and the items as the index wants them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.search.index import Entry

MOST_AT_ONCE = 500

_CHANGES = text(
    """
    SELECT now.horizon, now.begun, change.changed_in, change.item_id, item.state, item.way_of_knowing, item.title,
        item.summary, item.country, item.setting, item.own,
        ARRAY(SELECT topic_id::text FROM filings WHERE filings.item_id = item.id) AS topics
    FROM (
        SELECT (pg_snapshot_xmin(seen)::text)::bigint AS horizon, (pg_snapshot_xmax(seen)::text)::bigint AS begun
        FROM pg_current_snapshot() AS seen
    ) now
    LEFT JOIN item_changes change
        ON change.changed_in >= :since AND (change.changed_in, change.item_id) > (:last, :item)
        AND (:since = 0 OR change.changed_in < now.begun)
    LEFT JOIN items item ON item.id = change.item_id
    ORDER BY change.changed_in, change.item_id
    LIMIT :most
    """
)
_SPOKEN = ("account", "service", "role", "what_was_done", "what_happened", "what_it_needs")


@dataclass(frozen=True)
class Changes:
    """Some changes in the order of their transactions. No transaction below `horizon` is under way any more."""

    horizon: int
    begun: int
    """No transaction from here on has begun. What says that it was one of those came with a restore, from a cluster
    that counted further: it is read from the beginning alone, and counts as earlier than any change since."""
    entries: dict[tuple[int, UUID], Entry | None] = field(default_factory=dict[tuple[int, UUID], Entry | None])
    """By the transaction and the item; None for an item that is no longer shown."""

    @property
    def complete(self) -> bool:
        return len(self.entries) < MOST_AT_ONCE


async def changes(session: AsyncSession, since: int, after: tuple[int, UUID]) -> Changes:
    """Those of transaction `since` and later ones, behind the place `after`."""
    values = {"since": since, "last": after[0], "item": after[1], "most": MOST_AT_ONCE}
    rows = (await session.execute(_CHANGES, values)).all()
    return Changes(
        rows[0].horizon,
        rows[0].begun,
        {
            (row.changed_in, row.item_id): _entry(row) if row.state == "published" else None
            for row in rows
            if row.item_id is not None
        },
    )


def _entry(row: Row[Any]) -> Entry:
    own: dict[str, Any] = row.own
    names: Sequence[str] = [*own.get("authors", ()), *own.get("editors", ()), own.get("published_in") or ""]
    identifiers = [one["value"] for one in own.get("identifiers", ())]
    words = [row.summary, row.setting or "", *own.get("keywords", ()), *(own.get(name) or "" for name in _SPOKEN)]
    return Entry(
        id=str(row.item_id),
        way=row.way_of_knowing,
        title=row.title,
        words="\n".join(filter(None, words)),
        names="\n".join(filter(None, [*names, *identifiers])),
        topics=row.topics,
        countries=[row.country] if row.country else [],
        years=[own["published_on"][:4]] if own.get("published_on") else [],
    )
