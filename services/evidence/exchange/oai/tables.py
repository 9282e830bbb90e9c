"""The records that harvesters see, when each changed last, and the sets it belongs to."""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    String,
    Table,
    Uuid,
)

from services.evidence.tables import Row

ANY_TOPIC = UUID(int=0)
"""Stands in `oai_memberships` for the set of everything that is filed under any topic."""

oai_changes = Table(
    "oai_changes",
    Row.metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("item_id", Uuid, nullable=False),
)
"""Items whose changes harvesters have yet to see. Triggers add a row with each change, and assigning a datestamp
removes it, so nothing depends on the order in which transactions commit."""

oai_records = Table(
    "oai_records",
    Row.metadata,
    Column("item_id", Uuid, primary_key=True),
    Column("stamped_at", DateTime(timezone=True), nullable=False),
    Column("way_of_knowing", String(20), nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("topics", ARRAY(Uuid), nullable=False),
    Index("ix_oai_records_stamped_at_item_id", "stamped_at", "item_id"),
    Index("ix_oai_records_way_of_knowing_stamped_at_item_id", "way_of_knowing", "stamped_at", "item_id"),
)
"""Every item that was ever published, whatever became of it. `stamped_at` grows with each batch, so that new records
always come after those that a harvester has read. `topics` are those it is filed under, and for a deleted record those
it was last filed under. No foreign key: its check would wait for whoever has the item locked, and with it every
harvester."""

oai_memberships = Table(
    "oai_memberships",
    Row.metadata,
    Column("topic_id", Uuid, primary_key=True),
    Column("item_id", Uuid, primary_key=True, index=True),
    Column("stamped_at", DateTime(timezone=True), nullable=False),
    Index("ix_oai_memberships_topic_id_stamped_at_item_id", "topic_id", "stamped_at", "item_id"),
)
"""A record in the set of each topic that it is filed under, and of each topic above that one."""
