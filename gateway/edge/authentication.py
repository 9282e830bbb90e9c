"""Who is calling: by a session's token or cookie, a partner's key, or an identity provider's access token."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import cookie_parser

from gateway.credentials.cache import CredentialCache, Identity, VerifiedCredential
from gateway.credentials.oidc import OidcIssuer
from gateway.credentials.sign_in_state import STATE_COOKIE
from gateway.credentials.tokens import LIVE_KEY_PREFIX, SESSION_PREFIX, TEST_KEY_PREFIX, hash_token
from gateway.edge.rate_limits import RateLimitState
from gateway.edge.shared_rate_limits import SharedRateLimiter
from gateway.http.headers import REALM
from gateway.http.request import ProxiedRequest
from gateway.identity.commands import upsert_person
from gateway.identity.queries import caller_of_session
from gateway.partners.queries import caller_of_key
from gateway.problems import NotFromThisSite, TooManyRequests
from gateway.rate_limit_policies import FAILED_SIGN_IN, FAILED_SIGN_INS_OF_ADDRESS
from gateway.routes import SAFE_METHODS
from gateway.settings import GatewaySettings
from shared.callers import Caller
from shared.http_server.addresses import network_of
from shared.persistence.database import Database
from shared.problems import ServiceUnavailable, SignInNeeded

SESSION_COOKIE: Final = "impact_session"
KEY_PREFIXES: Final = (LIVE_KEY_PREFIX, TEST_KEY_PREFIX)


def cookie_name(settings: GatewaySettings) -> str:
    """Return the name of the session cookie; with HTTPS its prefix makes browsers refuse it from any other host."""
    return f"__Host-{SESSION_COOKIE}" if settings.secure else SESSION_COOKIE


def state_cookie_name(settings: GatewaySettings) -> str:
    """Return the name of the cookie that lasts while somebody signs in at the identity provider."""
    return f"__Host-{STATE_COOKIE}" if settings.secure else STATE_COOKIE


class Authentication:
    """Identifies the caller of each request: from the cache, or else from the database or the identity provider."""

    def __init__(
        self,
        settings: GatewaySettings,
        database: Database,
        cache: CredentialCache,
        limiter: SharedRateLimiter,
        issuer: OidcIssuer | None = None,
    ) -> None:
        self.settings = settings
        self.issuer = issuer
        self.database = database
        self._cache = cache
        self._limiter = limiter
        self._private_key = settings.caller_private_key.get_secret_value()
        self._anonymous = Identity(Caller(), self._private_key)
        self._cookie = cookie_name(settings)
        self._suspicious = asyncio.Lock()
        """Held while a token of an address that sends many that are not valid is looked up."""

    async def identify(self, request: ProxiedRequest) -> Identity:
        """Return who is calling: anonymous with no credential, or with a cookie that is no longer valid.

        Raises SignInNeeded for any other credential that is not valid, TooManyRequests for one that an address keeps
        sending, and for any where it sends many, NotFromThisSite for a change by cookie from another website,
        ServiceUnavailable without the database or the identity provider.
        """
        headers = request.consumed_headers
        if (authorization := headers.get(b"authorization")) is not None:
            scheme, _, token = authorization.partition(b" ")
            if scheme.lower() != b"bearer":
                raise invalid_token()
            return await self._verify(_decode(token.strip()), request)
        if (api_key := headers.get(b"x-api-key")) is not None:
            key = _decode(api_key.strip())
            if not key.startswith(KEY_PREFIXES):
                raise invalid_token()
            return await self._verify(key, request)
        if b"cookie" in headers:
            return await self._identify_by_cookie(request)
        return self._anonymous

    def other_cookies(self, request: ProxiedRequest) -> dict[str, str]:
        """Return the cookies of a request but for that of the session, which is a credential."""
        cookies = cookies_of(request)
        cookies.pop(self._cookie, None)
        return cookies

    def session_digest(self, request: ProxiedRequest) -> bytes | None:
        """Return the hash of the session in a browser's cookie, also of one that has ended: a name, no credential."""
        token = cookies_of(request).get(self._cookie, "")
        return hash_token(token) if token.startswith(SESSION_PREFIX) else None

    async def _identify_by_cookie(self, request: ProxiedRequest) -> Identity:
        token = cookies_of(request).get(self._cookie)
        if token is None or not token.startswith(SESSION_PREFIX):
            return self._anonymous
        try:
            identity = await self._verify(token, request)
        except (SignInNeeded, TooManyRequests):
            return self._anonymous
        if request.method not in SAFE_METHODS and not is_same_origin(request, self.settings.public_url):
            raise NotFromThisSite
        return identity

    async def _verify(self, token: str, request: ProxiedRequest) -> Identity:
        """Return who the token stands for; count those that are not valid.

        They are counted by token and address together, so that nobody is refused for what a neighbour sends. An address
        that sends many different ones has them looked up one after the other, and only what is not valid is refused.
        """
        token_hash = hash_token(token)
        identity = self._cache.get(token_hash)
        if identity is not None:
            return identity
        network = network_of(request.client_address)
        sender = f"{network} {token_hash.hex()}"
        if not (state := await self._limiter.peek(FAILED_SIGN_IN, sender)).allowed:
            raise too_many_requests(state)
        if (await self._limiter.peek(FAILED_SIGN_INS_OF_ADDRESS, network)).allowed:
            return await self._verify_unknown(token, token_hash, network, sender)
        async with self._suspicious:
            return await self._verify_unknown(token, token_hash, network, sender)

    async def _verify_unknown(self, token: str, token_hash: bytes, network: str, sender: str) -> Identity:
        generation = self._cache.generation
        try:
            credential = await self._look_up(token, token_hash)
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise ServiceUnavailable(headers={"Retry-After": "2"}) from error
        if credential is None:
            await self._limiter.take(FAILED_SIGN_IN, sender)
            if not (state := await self._limiter.take(FAILED_SIGN_INS_OF_ADDRESS, network)).allowed:
                raise too_many_requests(state)
            raise invalid_token()
        identity = Identity(credential.caller, self._private_key, credential.credential_id)
        self._cache.put(token_hash, identity, generation, credential.seconds_left)
        return identity

    async def _look_up(self, token: str, token_hash: bytes) -> VerifiedCredential | None:
        if token.startswith((SESSION_PREFIX, *KEY_PREFIXES)):
            find = caller_of_session if token.startswith(SESSION_PREFIX) else caller_of_key
            async with self.database.session() as session, session.begin():
                return await find(session, token_hash, personas=self.settings.demo)
        if self.issuer is None or token.count(".") != 2:
            return None
        try:
            verified = await self.issuer.verify(token)
        except SignInNeeded:
            return None
        async with self.database.transaction() as uow:
            person_id, roles = await upsert_person(uow, self.issuer.url, verified.subject, verified.roles)
        return VerifiedCredential(Caller(person_id, "person", roles), None, verified.seconds_left)


def too_many_requests(state: RateLimitState) -> TooManyRequests:
    """Return the problem that says when to try again."""
    return TooManyRequests(headers={"Retry-After": str(state.retry_after)})


def invalid_token() -> SignInNeeded:
    """Return the problem for a credential that is not valid, with its challenge (RFC 6750)."""
    return SignInNeeded(headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})


def _decode(token: bytes) -> str:
    try:
        return token.decode("ascii")
    except UnicodeDecodeError:
        raise invalid_token() from None


def cookies_of(request: ProxiedRequest) -> dict[str, str]:
    """Return the cookies as browsers send them (RFC 6265bis).

    `http.cookies` stops at a value that RFC 2109 would have quoted.
    """
    return cookie_parser(request.consumed_headers.get(b"cookie", b"").decode("latin-1"))


def is_same_origin(request: ProxiedRequest, public_url: str) -> bool | None:
    """Return whether a browser says that one of our own pages sent this; None when it says nothing.

    By Sec-Fetch-Site, or else by the whole of Origin: it is that of `public_url`. Where that has no HTTPS, as in
    development, it may also be that of the request, which came to another name of this machine.
    """
    headers: dict[bytes, bytes] = dict(request.forwarded_headers)
    fetch_site = headers.get(b"sec-fetch-site")
    if fetch_site is not None:
        return fetch_site == b"same-origin"
    if b"origin" not in headers:
        return None
    origin = headers[b"origin"].decode("latin-1")
    public = urlsplit(public_url)
    host = request.consumed_headers.get(b"host", b"").decode("latin-1")
    is_of_request = public.scheme == "http" and bool(host) and origin == f"{request.scope['scheme']}://{host}"
    return origin == f"{public.scheme}://{public.netloc}" or is_of_request
