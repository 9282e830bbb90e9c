"""People and how they sign in. No other database of the platform holds the name of someone who signs in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlmodel import Field

from gateway.tables import Row
from shared import clock
from shared.persistence.columns import TIMESTAMP, array_of
from shared.persistence.tables import PERSONAL


class Person(Row, table=True):
    """Someone who can sign in: a persona of the demo, a subject of the identity provider, or whoever reads the mail of
    an address, of which only a keyed hash is stored."""

    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index("ix_people_with_roles", "id", postgresql_where=text("roles <> '{}'")),
    )

    persona: str | None = Field(default=None, max_length=40, unique=True)
    name: str | None = Field(default=None, max_length=200, sa_column_kwargs={"info": PERSONAL})
    roles: list[str] = Field(default_factory=list[str], sa_type=array_of(String(40)))
    roles_stated_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """When the identity provider issued the newest token by which it gave these roles."""
    issuer: str | None = Field(default=None, max_length=500)
    subject: str | None = Field(default=None, max_length=255, sa_column_kwargs={"info": PERSONAL})
    address_digest: bytes | None = Field(default=None, max_length=32, unique=True)


class OneTimeLink(Row, table=True):
    """A link that signs in once: a person, or whoever reads the mail of an address. Only hashes are stored."""

    __tablename__ = "one_time_links"

    __table_args__ = (CheckConstraint("num_nonnulls(person_id, address_digest) = 1", name="whose"),)

    __audited__ = False

    digest: bytes = Field(unique=True, max_length=32)
    person_id: UUID | None = Field(default=None, foreign_key="people.id", index=True)
    address_digest: bytes | None = Field(default=None, max_length=32, index=True)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    used_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class Session(Row, table=True):
    """A person signed in, by a browser or with a bearer token. Only the hash of its token is stored.

    `browser` and `system` are names such as Firefox and Android, by which people tell their devices apart.
    """

    __tablename__ = "sessions"

    __audited__ = False

    digest: bytes = Field(unique=True, max_length=32)
    person_id: UUID = Field(foreign_key="people.id", index=True)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    ended_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    last_used_at: datetime = Field(
        default_factory=clock.now, sa_type=TIMESTAMP, sa_column_kwargs={"server_default": text("now()")}
    )
    """At most some minutes ago when it is in use."""
    browser: str | None = Field(default=None, max_length=20)
    system: str | None = Field(default=None, max_length=20)
