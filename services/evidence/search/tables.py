"""Which items and guides the public sees differently than before: what every search index follows."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Uuid, text

from services.evidence.tables import Row

CHANNEL = "item_changes"

item_changes = Table(
    "item_changes",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column(
        "changed_in",
        BigInteger,
        nullable=False,
        index=True,
        server_default=text("(pg_current_xact_id()::text)::bigint"),
    ),
)
"""One row for each item that was ever public, written by a trigger, with the transaction that changed it last.

Publishing is rare beside reading: here the trigger's NOTIFY may make its commit wait."""

guide_changes = Table(
    "guide_changes",
    Row.metadata,
    Column("guide_id", Uuid, ForeignKey("guides.id"), primary_key=True),
    Column(
        "changed_in",
        BigInteger,
        nullable=False,
        index=True,
        server_default=text("(pg_current_xact_id()::text)::bigint"),
    ),
)
"""The same for guides, on the same channel."""
