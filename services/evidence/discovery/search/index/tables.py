"""The changes of published items and guides that every search index follows."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Uuid, text

from services.evidence.tables import Row

CHANNEL = "item_changes"
"""The channel that the triggers notify."""

item_changes = Table(
    "item_changes",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column(
        "changed_in",
        BigInteger,
        nullable=False,
        server_default=text("(pg_current_xact_id()::text)::bigint"),
    ),
    Index("ix_item_changes_changed_in_item_id", "changed_in", "item_id"),
)
"""One row for each item that was ever published, written by a trigger: the transaction that changed it last.

Publishing is rare beside reading, so the trigger's NOTIFY may hold up its commit."""

guide_changes = Table(
    "guide_changes",
    Row.metadata,
    Column("guide_id", Uuid, ForeignKey("guides.id"), primary_key=True),
    Column(
        "changed_in",
        BigInteger,
        nullable=False,
        server_default=text("(pg_current_xact_id()::text)::bigint"),
    ),
    Index("ix_guide_changes_changed_in_guide_id", "changed_in", "guide_id"),
)
"""The same for guides, on the same channel."""
