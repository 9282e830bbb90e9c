"""Partners' clients and keys. Only the hash of a key is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, String
from sqlmodel import Field

from gateway.tables import Row


class ApiClient(Row, table=True):
    """A partner's program: what it is called, whose it is and what it may do."""

    __table_args__ = (CheckConstraint("mode IN ('live', 'test')", name="mode"),)

    owner_id: UUID = Field(foreign_key="people.id", index=True)
    name: str = Field(max_length=100)
    mode: str = Field(max_length=4)
    scopes: list[str] = Field(sa_type=ARRAY(String(40)))  # pyright: ignore[reportArgumentType]  an instance is accepted, the stub wants a class
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]  as above


class ApiKey(Row, table=True):
    """One key of a client. `hint` is its beginning, by which people tell keys apart."""

    client_id: UUID = Field(foreign_key="api_clients.id", index=True)
    digest: bytes = Field(unique=True, max_length=32)
    hint: str = Field(max_length=24)
    expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]  as above
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]  as above
