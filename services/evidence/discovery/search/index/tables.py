"""The changes of published items and guides that every search index follows."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Uuid, text

from services.evidence.tables import Row

CHANNEL = "item_changes"
"""The channel that the triggers notify."""


def _change_table(noun: str) -> Table:
    return Table(
        f"{noun}_changes",
        Row.metadata,
        Column(f"{noun}_id", Uuid, ForeignKey(f"{noun}s.id"), primary_key=True),
        Column("changed_in", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text)::bigint")),
        Index(f"ix_{noun}_changes_changed_in_{noun}_id", "changed_in", f"{noun}_id"),
    )


item_changes = _change_table("item")
"""One row for each item that was ever published, written by a trigger: the transaction that changed it last.

Publishing is rare compared with reading, so the trigger's NOTIFY may delay its commit."""

guide_changes = _change_table("guide")
"""The same for guides, on the same channel."""
