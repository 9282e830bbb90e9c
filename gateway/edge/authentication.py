"""Who is calling: by a session's token or cookie, a partner's key, or an identity provider's access token."""

from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.credentials import cache
from gateway.credentials.cache import LIVE, SESSION, TEST, Found, Identity, Remembered
from gateway.credentials.oidc import Issuer
from gateway.edge.rate_limits import Limits, Verdict, network_of
from gateway.http.headers import REALM
from gateway.http.request import Call
from gateway.identity import queries as people
from gateway.partners import queries as partners
from gateway.problems import NotFromThisSite, TooManyRequests
from gateway.routes import READING
from gateway.settings import GatewaySettings
from shared.callers import Caller
from shared.persistence.unit_of_work import Database
from shared.problems import NotReady, SignInNeeded

COOKIE: Final = "impact_session"


def cookie_name(settings: GatewaySettings) -> str:
    """With HTTPS the browser itself sees to it that no other host set this cookie."""
    return f"__Host-{COOKIE}" if settings.secure else COOKIE


class Authentication:
    def __init__(self, settings: GatewaySettings, database: Database, remembered: Remembered, limits: Limits) -> None:
        self.settings = settings
        self._limits = limits
        self.database = database
        self._remembered = remembered
        self._private_key = settings.caller_private_key.get_secret_value()
        self._nobody = Identity(Caller(), self._private_key)
        self._issuer: Issuer | None = None
        if settings.oidc_issuer:
            self._issuer = Issuer(
                settings.oidc_issuer, audience=settings.oidc_audience, roles_claim=settings.oidc_roles_claim
            )
        self._cookie = cookie_name(settings)

    async def identify(self, call: Call) -> Identity:
        """Raises SignInNeeded for a credential that is not good. No credential, or an old cookie, is nobody."""
        kept = call.kept
        if (given := kept.get(b"authorization")) is not None:
            scheme, _, secret = given.partition(b" ")
            if scheme.lower() != b"bearer":
                raise refusal()
            return await self._proved(_text(secret.strip()), call)
        if (given := kept.get(b"x-api-key")) is not None:
            secret = _text(given.strip())
            if not secret.startswith((LIVE, TEST)):
                raise refusal()
            return await self._proved(secret, call)
        if b"cookie" in kept:
            return await self._by_cookie(call)
        return self._nobody

    async def _by_cookie(self, call: Call) -> Identity:
        secret = _cookie(call.kept[b"cookie"], self._cookie)
        if secret is None or not secret.startswith(SESSION):
            return self._nobody
        try:
            known = await self._proved(secret, call)
        except (SignInNeeded, TooManyRequests):
            return self._nobody
        if call.method not in READING and not from_this_site(call, self.settings.public_url):
            raise NotFromThisSite
        return known

    async def _proved(self, secret: str, call: Call) -> Identity:
        """From memory, or else looked up; an address that keeps sending bad ones is slowed down."""
        hashed = cache.digest(secret)
        known = self._remembered.find(hashed)
        if known is not None:
            return known
        who = network_of(call.address)
        if not (verdict := self._limits.spent("failed-sign-in", who)).allowed:
            raise too_many(verdict)
        generation = self._remembered.generation
        try:
            found = await self._look_up(secret, hashed)
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise NotReady(headers={"Retry-After": "2"}) from error
        if found is None:
            self._limits.take("failed-sign-in", who)
            raise refusal()
        known = Identity(found.caller, self._private_key, found.credential)
        self._remembered.keep(hashed, known, generation, found.seconds)
        return known

    async def _look_up(self, secret: str, hashed: bytes) -> Found | None:
        async with self.database.session() as session, session.begin():
            if secret.startswith(SESSION):
                return await people.caller_of_session(session, hashed, personas=self.settings.demo)
            if secret.startswith((LIVE, TEST)):
                return await partners.caller_of_key(session, hashed, personas=self.settings.demo)
            if self._issuer is None or secret.count(".") != 2:
                return None
            try:
                subject, roles, seconds = await self._issuer.verify(secret)
            except SignInNeeded:
                return None
            person = await people.person_of_subject(session, self._issuer.url, subject, roles)
            return Found(Caller(person, "person", roles), None, seconds)


def too_many(verdict: Verdict) -> TooManyRequests:
    return TooManyRequests(headers={"Retry-After": str(verdict.retry_after)})


def refusal() -> SignInNeeded:
    return SignInNeeded(headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})


def _text(secret: bytes) -> str:
    try:
        return secret.decode("ascii")
    except UnicodeDecodeError:
        raise refusal() from None


def _cookie(header: bytes, name: str) -> str | None:
    try:
        found = SimpleCookie(header.decode("latin-1")).get(name)
    except CookieError:
        return None
    return found.value if found else None


def from_this_site(call: Call, public_url: str) -> bool | None:
    """A browser says where a request was made: Sec-Fetch-Site, or else Origin. None where neither is said."""
    said: dict[bytes, bytes] = dict(call.passed)
    site = said.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin"
    if b"origin" not in said:
        return None
    origin = said[b"origin"].decode("latin-1")
    host = call.kept.get(b"host", b"").decode("latin-1")
    return bool(origin) and (origin == public_url or urlsplit(origin).netloc == host)
