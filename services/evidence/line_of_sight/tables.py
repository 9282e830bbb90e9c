"""The graph: nodes, links, and the rows by which people and pounds are counted.

Events of different topics arrive in any order, so that a link may come before its nodes: links refer to nodes by kind
and id, without a foreign key, and the graph is the same in the end.
"""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, String, Table, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.evidence.tables import Row

nodes = Table(
    "sight_nodes",
    Row.metadata,
    Column("kind", String(12), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("at", DateTime(timezone=True), nullable=False),
)

links = Table(
    "sight_links",
    Row.metadata,
    Column("from_kind", String(12), primary_key=True),
    Column("from_id", Uuid, primary_key=True),
    Column("relation", String(20), primary_key=True),
    Column("to_kind", String(12), primary_key=True),
    Column("to_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_sight_links_to_kind_to_id", "to_kind", "to_id"),
)
"""Links point in the direction of time and cause: from a voice to a change."""

responses = Table(
    "sight_responses",
    Row.metadata,
    Column("response_id", Uuid, primary_key=True),
    Column("survey_id", Uuid, nullable=False, index=True),
)
"""One row per response, so that the count is right however often an event arrives. Never the id of a person."""

attendances = Table(
    "sight_attendances",
    Row.metadata,
    Column("registration_id", Uuid, primary_key=True),
    Column("assembly_id", Uuid, nullable=False, index=True),
    Column("attended", Boolean, nullable=False),
)

payments = Table(
    "sight_payments",
    Row.metadata,
    Column("claim_id", Uuid, primary_key=True),
    Column("recorded_at", DateTime(timezone=True), primary_key=True, server_default=text("now()")),
    Column("assembly_id", Uuid, nullable=False, index=True),
    Column("entitlement_id", Uuid),
    Column("pence", BigInteger, nullable=False),
)
"""What was paid, and with a negative amount what was voided: rows stay, so that the sums of a closed month do too.

`entitlement_id` stands for one person at the assembly. Never the id of a person.
"""

completions = Table(
    "sight_completions",
    Row.metadata,
    Column("completion_id", Uuid, primary_key=True),
    Column("piece_id", Uuid, nullable=False, index=True),
)
"""One row for each time that a learning piece was finished."""
