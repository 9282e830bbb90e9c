"""The platform's own tables, of which each service's database has a copy. Their migrations stand in `migrations`."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.persistence.columns import TIMESTAMP, array_of

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

platform_metadata = MetaData(naming_convention=NAMING_CONVENTION)

audit_entries = Table(
    "audit_entries",
    platform_metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", TIMESTAMP, nullable=False, server_default=func.clock_timestamp()),
    Column("transaction", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text)::bigint")),
    Column("actor", Uuid, nullable=False),
    Column("actor_kind", String(20), nullable=False),
    Column("action", String(80), nullable=False),
    Column("kind", String(80), nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Index("ix_audit_entries_subject", "subject", "id"),
    Index("ix_audit_entries_transaction", "transaction", "id"),
)

audit_seals = Table(
    "audit_seals",
    platform_metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", BigInteger, nullable=False, unique=True),
    Column("hash", LargeBinary(32), nullable=False),
)

outbox = Table(
    "outbox",
    platform_metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("time", TIMESTAMP, nullable=False, server_default=func.clock_timestamp()),
    Column("data", LargeBinary, nullable=False),
    Column("traceparent", Text),
    # A queue, nearly empty and always changing: vacuumed after a number of changes, not after a share of its rows.
    postgresql_with={
        "autovacuum_vacuum_scale_factor": 0,
        "autovacuum_vacuum_threshold": 2000,
        "autovacuum_vacuum_insert_threshold": -1,
        "autovacuum_analyze_scale_factor": 0,
        "autovacuum_analyze_threshold": 100000,
        "autovacuum_vacuum_cost_delay": 0,
    },
)

inbox = Table(
    "inbox",
    platform_metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("handled_at", TIMESTAMP, nullable=False, server_default=func.clock_timestamp()),
    # Rows arrive in the order of time, so a few pages of block ranges find the old ones.
    Index("ix_inbox_handled_at", "handled_at", postgresql_using="brin"),
)

dead_letters = Table(
    "dead_letters",
    platform_metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("event_id", Uuid),
    Column("type", Text),
    Column("headers", JSONB, nullable=False),
    Column("value", LargeBinary),
    Column("reason", Text, nullable=False),
    Column("error", Text),
    Column("attempts", Integer, nullable=False),
    Column("parked_at", TIMESTAMP, nullable=False, server_default=func.clock_timestamp()),
    Column("redrive_at", TIMESTAMP),
    Index("ix_dead_letters_key", "topic", "key", "id"),
)

idempotency_records = Table(
    "idempotency_records",
    platform_metadata,
    Column("id", LargeBinary(32), primary_key=True),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", TIMESTAMP, nullable=False, server_default=func.now(), index=True),
    Column("media_type", String(100)),
    Column("names", array_of(Uuid)),
    Index("ix_idempotency_records_names", "names", postgresql_using="gin", postgresql_where=text("names IS NOT NULL")),
)
"""`names`: every id that the request and its response name, in services whose stored responses are redactable."""
