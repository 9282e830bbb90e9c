"""API clients and their keys. Only the hash of a key is stored."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlmodel import Field

from gateway.tables import Row
from shared.persistence.columns import TIMESTAMP, array_of, varchar

KeyMode = Literal["live", "test"]


class ApiClient(Row, table=True):
    """A program of a partner: its name, its owner and its scopes."""

    __tablename__ = "api_clients"

    __table_args__ = (CheckConstraint("mode IN ('live', 'test')", name="mode"),)

    owner_id: UUID = Field(foreign_key="people.id", index=True)
    name: str = Field(max_length=100)
    mode: KeyMode = Field(sa_type=varchar(4))
    scopes: list[str] = Field(sa_type=array_of(String(40)))
    revoked_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class ApiKey(Row, table=True):
    """One key of a client. `hint` is its beginning, by which people tell keys apart."""

    __tablename__ = "api_keys"

    client_id: UUID = Field(foreign_key="api_clients.id", index=True)
    digest: bytes = Field(unique=True, max_length=32)
    hint: str = Field(max_length=24)
    expires_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    revoked_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
