"""People and how they sign in. No other database of the platform holds the name of someone who signs in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field

from gateway.tables import Row
from shared.persistence.columns import TIMESTAMP, array_of
from shared.persistence.tables import PERSONAL


class Person(Row, table=True):
    """Someone who can sign in: a persona of the demo, or a subject of the identity provider."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    persona: str | None = Field(default=None, max_length=40, unique=True)
    name: str | None = Field(default=None, max_length=200, sa_column_kwargs={"info": PERSONAL})
    roles: list[str] = Field(default_factory=list[str], sa_type=array_of(String(40)))
    issuer: str | None = Field(default=None, max_length=500)
    subject: str | None = Field(default=None, max_length=255, sa_column_kwargs={"info": PERSONAL})


class OneTimeLink(Row, table=True):
    """A link that signs a person in once. Only the hash of its token is stored."""

    __tablename__ = "one_time_links"

    __audited__ = False

    digest: bytes = Field(unique=True, max_length=32)
    person_id: UUID = Field(foreign_key="people.id", index=True)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    used_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class Session(Row, table=True):
    """A person signed in, by a browser or with a bearer token. Only the hash of its token is stored."""

    __tablename__ = "sessions"

    __audited__ = False

    digest: bytes = Field(unique=True, max_length=32)
    person_id: UUID = Field(foreign_key="people.id", index=True)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    ended_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
