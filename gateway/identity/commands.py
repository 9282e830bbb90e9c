"""Signing in and out, and the people of the identity provider and of the demo."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import col

from gateway.credentials.oidc import StatedRoles
from gateway.credentials.revocations import announce_revocation
from gateway.credentials.tokens import LINK_PREFIX, SESSION_PREFIX, create_token, hash_token
from gateway.identity.devices import Device
from gateway.identity.personas import PERSONAS
from gateway.identity.queries import check_link_works, find_person, roles_of, stored_roles
from gateway.identity.rules import (
    LINK_LIFETIME,
    MAILED_LINK_LIFETIME,
    PRESSED_AGAIN,
    SESSION_LIFETIME,
    NoSuchLink,
    may_sign_in,
)
from gateway.identity.tables import OneTimeLink, Person, Session
from shared import clock
from shared.callers import Caller, Role
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import UnitOfWork

NO_DEVICE = Device()


class SignedIn(NamedTuple):
    """A person of the identity provider, and their roles here."""

    person_id: UUID
    roles: frozenset[Role]


async def sign_in_by_link(
    uow: UnitOfWork,
    digest: bytes,
    *,
    personas: bool,
    device: Device = NO_DEVICE,
    session_token: str | None = None,
    former_session_id: UUID | None = None,
) -> str:
    """Use the link up and return the token of a new session. Raises NoSuchLink, LinkUsed, LinkExpired.

    Whoever uses a link to an address for the first time becomes a person by that. Other links to the address are used
    up with it, so that no mail stays behind that signs somebody in. The session from before in the same browser
    ends. Whoever presses again within a minute, and so has the same `session_token`, gets the same session.
    """
    now = clock.now()
    link = await _use_link(uow.session, digest, now)
    if link is None:
        if session_token is not None and await _has_just_begun(uow.session, session_token, now):
            return session_token
        await check_link_works(uow.session, digest)
        raise NoSuchLink
    if former_session_id is not None:
        await end_session(uow, former_session_id)
    if link.address_digest is not None:
        await _use_other_links(uow.session, link.address_digest, now)
        person_id = await _person_of_address(uow, link.address_digest)
        _act_as(uow, person_id)
        return create_session(uow.session, person_id, device=device, token=session_token)
    person = None if link.person_id is None else await find_person(uow.session, link.person_id)
    if person is None or not may_sign_in(person, personas=personas):
        raise NoSuchLink
    return create_session(uow.session, person.id, device=device, token=session_token)


async def _has_just_begun(session: AsyncSession, token: str, now: datetime) -> bool:
    """Return whether this is the token of a session that a link made a moment ago."""
    statement = select(col(Session.id)).where(
        col(Session.digest) == hash_token(token),
        col(Session.ended_at).is_(None),
        col(Session.created_at) > now - PRESSED_AGAIN,
    )
    return await session.scalar(statement) is not None


def _act_as(uow: UnitOfWork, person_id: UUID) -> None:
    """Have the audit trail name who signs in, not who was signed in before in the same browser."""
    if uow.caller is not None and uow.caller.id != person_id:
        uow.caller = Caller(person_id, "person")


async def _use_link(session: AsyncSession, digest: bytes, now: datetime) -> OneTimeLink | None:
    """Use the link up and return it; None where it does not work. Of two at once the update admits one."""
    statement = (
        update(OneTimeLink)
        .where(col(OneTimeLink.digest) == digest, col(OneTimeLink.used_at).is_(None), col(OneTimeLink.expires_at) > now)
        .values(used_at=now)
        .returning(OneTimeLink)
    )
    return await session.scalar(statement)


async def _use_other_links(session: AsyncSession, address_digest: bytes, now: datetime) -> None:
    """Use up what other links to this address there are, but for those that are being used at this moment."""
    others = select(col(OneTimeLink.id)).where(
        col(OneTimeLink.address_digest) == address_digest, col(OneTimeLink.used_at).is_(None)
    )
    statement = update(OneTimeLink).where(col(OneTimeLink.id).in_(others.with_for_update(skip_locked=True)))
    await session.execute(statement.values(used_at=now).execution_options(synchronize_session=False))


async def _person_of_address(uow: UnitOfWork, address_digest: bytes) -> UUID:
    """Return the id of the person with this address, created when they first sign in."""
    statement = select(col(Person.id)).where(col(Person.address_digest) == address_digest)
    person_id = await uow.session.scalar(statement)
    if person_id is None:
        await _insert_person(uow, ["address_digest"], address_digest=address_digest)
        person_id = (await uow.session.scalars(statement)).one()
    return person_id


async def upsert_person_of_address(uow: UnitOfWork, address_digest: bytes) -> Person:
    """Return the person with this address, created where there is none."""
    return await uow.session.get_one(Person, await _person_of_address(uow, address_digest), with_for_update=True)


async def _insert_person(uow: UnitOfWork, unique: list[str], **values: Any) -> None:  # noqa: ANN401  values of columns
    """Insert a person, unless somebody just did."""
    roles = list(values.setdefault("roles", []))
    insertion = insert(Person).values(id=new_id(), **values).on_conflict_do_nothing(index_elements=unique)
    person_id = await uow.session.scalar(insertion.returning(col(Person.id)))
    if person_id is not None:
        uow.record("created", "Person", person_id, after={"roles": roles})


def create_session(
    session: AsyncSession,
    person_id: UUID,
    lifetime: timedelta = SESSION_LIFETIME,
    *,
    device: Device = NO_DEVICE,
    token: str | None = None,
) -> str:
    """Add a session of this person and return its token; the caller commits."""
    token = token or create_token(SESSION_PREFIX)
    expires_at = clock.now() + lifetime
    browser, system = device
    row = Session(digest=hash_token(token), person_id=person_id, expires_at=expires_at, browser=browser, system=system)
    session.add(row)
    return token


def create_link(session: AsyncSession, person_id: UUID) -> str:
    """Add a one-time link of this person and return its token; the caller commits."""
    token = create_token(LINK_PREFIX)
    session.add(OneTimeLink(digest=hash_token(token), person_id=person_id, expires_at=clock.now() + LINK_LIFETIME))
    return token


async def create_mailed_link(session: AsyncSession, address_digest: bytes, former_digest: bytes | None) -> str:
    """Add a one-time link to this address and return its token; the caller commits.

    Links from before go on working: mails may arrive in another order. Whoever is known by the former digest, while the
    key is replaced, is known by the new one from now on.
    """
    await rekey_person(session, address_digest, former_digest)
    token = create_token(LINK_PREFIX)
    expires_at = clock.now() + MAILED_LINK_LIFETIME
    session.add(OneTimeLink(digest=hash_token(token), address_digest=address_digest, expires_at=expires_at))
    return token


async def rekey_person(session: AsyncSession, address_digest: bytes, former_digest: bytes | None) -> None:
    """Have whoever is known by the former digest, while the key is replaced, known by the new one from now on."""
    if former_digest is not None:
        is_known = select(col(Person.id)).where(col(Person.address_digest) == address_digest).exists()
        rekeyed = update(Person).where(col(Person.address_digest) == former_digest, ~is_known)
        await session.execute(
            rekeyed.values(address_digest=address_digest).execution_options(synchronize_session=False)
        )


async def end_session(uow: UnitOfWork, session_id: UUID) -> None:
    """End the session wherever it is used. One that has ended stays as it is."""
    statement = update(Session).where(col(Session.id) == session_id, col(Session.ended_at).is_(None))
    await uow.session.execute(statement.values(ended_at=clock.now()))
    await announce_revocation(uow.session, session_id)


async def end_all_sessions(session: AsyncSession, person_id: UUID) -> None:
    """End every session of this person, wherever it is used."""
    statement = update(Session).where(col(Session.person_id) == person_id, col(Session.ended_at).is_(None))
    await session.execute(statement.values(ended_at=clock.now()).execution_options(synchronize_session=False))
    await announce_revocation(session, person_id)


async def sign_out_everywhere(session: AsyncSession, person_id: UUID) -> None:
    """End every session of this person, and every mailed link that would make another."""
    await end_all_sessions(session, person_id)
    address_digest = select(col(Person.address_digest)).where(col(Person.id) == person_id).scalar_subquery()
    statement = update(OneTimeLink).where(
        col(OneTimeLink.address_digest) == address_digest, col(OneTimeLink.used_at).is_(None)
    )
    await session.execute(statement.values(used_at=clock.now()).execution_options(synchronize_session=False))


async def upsert_person(uow: UnitOfWork, issuer: str, subject: str, stated: StatedRoles | None) -> SignedIn:
    """Return the person who is this subject of an identity provider, created when they first sign in.

    The provider's roles are stored for decisions that are made without the person: what their API keys may do, and
    their sessions. A role that the provider no longer states ends their sessions. Tokens arrive in any order: what an
    older one states is not stored, and gives nothing that a newer one does not. Without `stated` the provider gives
    none, and those stay that an administrator gave.
    """
    person = await find_or_create_subject(uow, issuer, subject, stated)
    _act_as(uow, person.id)
    if stated is None:
        return SignedIn(person.id, roles_of(person))
    if not _is_stored(person, stated):
        await uow.session.refresh(person, with_for_update=True)
        if person.roles_stated_at is None or person.roles_stated_at <= stated.at:
            await _store_roles(uow, person, stated)
    return SignedIn(person.id, stated.roles & roles_of(person))


def _is_stored(person: Person, stated: StatedRoles) -> bool:
    """Return whether this, or something newer, is stored of the person."""
    if person.roles_stated_at is None or person.roles_stated_at < stated.at:
        return False
    return person.roles_stated_at > stated.at or person.roles == stored_roles(stated.roles)


async def find_or_create_subject(
    uow: UnitOfWork, issuer: str, subject: str, stated: StatedRoles | None = None
) -> Person:
    """Return the person who is this subject of an identity provider, created with these roles where there is none."""
    statement = select(Person).where(col(Person.issuer) == issuer, col(Person.subject) == subject)
    person = await uow.session.scalar(statement)
    if person is None:
        values = {"roles": stored_roles(stated.roles), "roles_stated_at": stated.at} if stated else {}
        await _insert_person(uow, ["issuer", "subject"], issuer=issuer, subject=subject, **values)
        person = (await uow.session.scalars(statement)).one()
    return person


async def _store_roles(uow: UnitOfWork, person: Person, stated: StatedRoles) -> None:
    """Store what the provider states, of a person who is locked; when it did so too where the roles are the same."""
    before, roles = stored_roles(person.roles), stored_roles(stated.roles)
    values: dict[str, Any] = {"roles_stated_at": stated.at}
    if person.roles != roles:
        values |= {"roles": roles, "version": person.version + 1}
        uow.record("changed", "Person", person.id, before={"roles": before}, after={"roles": roles})
    statement = update(Person).where(col(Person.id) == person.id).values(values)
    await uow.session.execute(statement.execution_options(synchronize_session=False))
    await uow.session.refresh(person)
    if not set(before) <= set(roles):
        await end_all_sessions(uow.session, person.id)


async def upsert_personas(session: AsyncSession) -> None:
    """Create the personas, or make them what `personas.py` says; two processes at once wait for each other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gateway personas'))"))
    for persona in PERSONAS:
        values = {"name": persona.name, "roles": stored_roles(persona.roles), "persona": persona.key}
        insertion = insert(Person).values(id=persona.id, **values)
        await session.execute(insertion.on_conflict_do_update(index_elements=["id"], set_=values))


async def delete_expired(connection: AsyncConnection, before: datetime) -> None:
    """Delete the links and sessions that expired before this time."""
    await connection.execute(delete(OneTimeLink).where(col(OneTimeLink.expires_at) < before))
    await connection.execute(delete(Session).where(col(Session.expires_at) < before))
