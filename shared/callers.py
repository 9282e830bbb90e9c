"""The caller of a request: signed by the gateway, and verified by every service itself."""

import hashlib
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from shared.problems import NotAllowed, SignInNeeded

CALLER_HEADER = "x-impact-caller"
LIFETIME_SECONDS = 60
NOBODY = UUID(int=0)
"""The id of an anonymous caller."""


_public_key_pem = re.compile("-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


class Role(StrEnum):
    CONTRIBUTOR = "contributor"
    EVIDENCE_EDITOR = "evidence_editor"
    ENGAGEMENT_OFFICER = "engagement_officer"
    FACILITATOR = "facilitator"
    FUNDING_OFFICER = "funding_officer"
    APPROVER = "approver"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Caller:
    """A person with roles, a partner's client with scopes, or an anonymous caller, whose id is NOBODY."""

    id: UUID = NOBODY
    kind: Literal["person", "client", "anonymous"] = "anonymous"
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] = frozenset()

    @property
    def anonymous(self) -> bool:
        """Whether nobody has signed in."""
        return self.kind == "anonymous"

    def has(self, *roles: Role) -> bool:
        """Return whether the caller has one of these roles."""
        return not self.roles.isdisjoint(roles)


def person(id: UUID, *roles: Role) -> Caller:
    """Return a signed-in person with these roles, and that of contributor, which everyone has."""
    return Caller(id, "person", frozenset({Role.CONTRIBUTOR, *roles}))


def sign(caller: Caller, private_key: str) -> str:
    """Return the value of the caller header: a JWT, signed with EdDSA, that expires after a minute."""
    claims: dict[str, Any] = {
        "iss": "impact-gateway",
        "aud": "impact",
        "exp": int(time.time()) + LIFETIME_SECONDS,
        "sub": str(caller.id),
        "kind": caller.kind,
        "roles": sorted(caller.roles),
        "scopes": sorted(caller.scopes),
    }
    key = _load_private_key(private_key)
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": key_id(key.public_key())})


def key_id(key: Ed25519PublicKey) -> str:
    """Return the id of the gateway's key: 64 bits of its hash, so that it needs no setting."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def verify(token: str, public_keys: str) -> Caller:
    """Return the caller that the gateway signed by one of these keys (PEM, one after the other).

    Raises SignInNeeded for any other token, or one that has expired.
    """
    caller, expires = _decode(token, public_keys)
    if expires < time.time():
        raise SignInNeeded
    return caller


@lru_cache(maxsize=10_000)
def _decode(token: str, public_keys: str) -> tuple[Caller, int]:
    try:
        claims = jwt.decode(
            token,
            load_public_keys(public_keys)[jwt.get_unverified_header(token)["kid"]],
            algorithms=["EdDSA"],
            audience="impact",
            issuer="impact-gateway",
            options={"require": ["exp", "sub"]},
        )
        caller = Caller(
            UUID(claims["sub"]),
            claims["kind"],
            frozenset(Role(role) for role in claims["roles"]),
            frozenset(claims["scopes"]),
        )
    except (jwt.PyJWTError, KeyError, ValueError) as error:
        raise SignInNeeded from error
    return caller, claims["exp"]


@lru_cache(maxsize=8)
def _load_private_key(pem: str) -> Ed25519PrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("CALLER_PRIVATE_KEY must be an Ed25519 key")
    return key


@lru_cache(maxsize=8)
def load_public_keys(pems: str) -> dict[str, Ed25519PublicKey]:
    """Return the keys by id. There are two while the gateway's key is replaced. Raises ValueError, TypeError."""
    keys: dict[str, Ed25519PublicKey] = {}
    for pem in _public_key_pem.findall(pems):
        key = load_pem_public_key(pem.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise TypeError("CALLER_PUBLIC_KEY must be an Ed25519 key")
        keys[key_id(key)] = key
    if not keys:
        raise ValueError("CALLER_PUBLIC_KEY must hold a public key (PEM)")
    return keys


def caller_of(request: HTTPConnection) -> Caller:
    """Return the verified caller of a request. Raises SignInNeeded without a valid caller header."""
    caller = request.scope.get("impact.caller")
    if caller is None:
        caller = verify(request.headers.get(CALLER_HEADER, ""), request.app.state.settings.caller_public_key)
        request.scope["impact.caller"] = caller
    return caller


class Permission:
    """Who may call a route, as a dependency of it: see `allow`."""

    def __init__(self, *roles: Role, scope: str | None = None, anyone: bool = False) -> None:
        if not roles and not anyone:
            raise TypeError("allow() needs roles, or anyone=True")
        self.roles, self.scope, self.anyone = frozenset(roles), scope, anyone

    async def __call__(self, request: Request) -> Caller:
        caller = caller_of(request)
        if self.anyone or (caller.kind == "person" and caller.has(*self.roles)):
            return caller
        if caller.kind == "client" and self.scope in caller.scopes:
            return caller
        raise SignInNeeded if caller.anonymous else NotAllowed

    def labels(self) -> Iterable[str]:
        """Return the roles and the scope that may call, or `anyone`, for the API reference."""
        return ["anyone"] if self.anyone else [*sorted(self.roles), *filter(None, [self.scope])]


def allow(*roles: Role, scope: str | None = None, anyone: bool = False) -> Permission:
    """Return the permission for `Depends(allow(Role.APPROVER, scope="funding:write"))`.

    A person needs one of the roles, a partner's client needs the scope; `anyone=True` opens the route to the public.
    """
    return Permission(*roles, scope=scope, anyone=anyone)


Anyone = Annotated[Caller, Depends(allow(anyone=True))]
"""The caller of a public endpoint, who may be anonymous."""
Contributor = Annotated[Caller, Depends(allow(Role.CONTRIBUTOR))]
"""A person who has signed in."""
