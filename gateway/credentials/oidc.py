"""Access and ID tokens of an OpenID Connect provider, verified against the keys that it publishes."""

import asyncio
import hmac
import logging
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from gateway.credentials.provider_responses import provider_session, read_json
from shared.callers import Role
from shared.problems import ServiceUnavailable, SignInNeeded
from shared.views import Json

logger = logging.getLogger(__name__)

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
RSA_ALGORITHMS: Final = tuple(name for name in ALGORITHMS if name.startswith(("RS", "PS")))
TIMEOUT_SECONDS: Final = 5.0
KEY_CACHE_SECONDS: Final = 3600.0
MAX_FETCHES: Final = 6
FETCH_WINDOW_SECONDS: Final = 30.0
"""A token signed with an unknown key makes us fetch the keys at once, at most MAX_FETCHES times in this time."""
RETRY_SECONDS: Final = 1.0
"""How soon a provider that did not answer is asked again for a key that is not known."""
STALE_RETRY_SECONDS: Final = 30.0
"""How soon for one that is: it serves meanwhile."""
TOKEN_TYPES: Final = frozenset({"at+jwt", "application/at+jwt", "jwt", ""})
"""Of the header `typ`: access tokens (RFC 9068), and those of providers that name no kind."""
ID_TOKEN_TYPES: Final = frozenset({"jwt", ""})
MAX_SUBJECT_LENGTH: Final = 255
PROVIDER_DOWN: Final = (
    "The sign-in of your organisation does not answer at the moment. Nothing is lost: try again in a minute."
)
PROVIDER_BROKEN: Final = (
    "The sign-in of your organisation does not say, in a way that IMPACT understands, where people sign in. Trying "
    "again does not help: tell whoever runs it."
)
LEEWAY_SECONDS: Final = 30
"""How far the provider's clock may be from ours."""


class StatedRoles(NamedTuple):
    """What roles the provider said that somebody has, and when it said so: when it issued the token."""

    roles: frozenset[Role]
    at: datetime


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Whose token it is (`sub`), their roles here, and for how many more seconds it is valid.

    `roles` is None where administrators give them, not the provider.
    """

    subject: str
    roles: StatedRoles | None
    seconds_left: float


@dataclass(frozen=True, slots=True)
class ProviderEndpoints:
    """Where people sign in, and where a code is exchanged for tokens (OpenID Connect Discovery 1.0)."""

    authorization: str
    token: str
    takes_basic: bool
    """Whether the token endpoint takes the client's secret by HTTP Basic; else it takes it in the body."""
    states_issuer: bool
    """Whether each response of the authorization endpoint has the parameter `iss` (RFC 9207)."""


SigningKey = jwt.PyJWK | RSAPublicKey
"""A key with its one algorithm, or one of RSA that names none (`alg` is optional, RFC 7517) and so serves several."""


class OidcIssuer:
    """One OpenID Connect provider. Its keys are fetched when needed, kept for an hour, and outlast an outage."""

    def __init__(self, url: str, *, audience: str, roles_claim: str | None) -> None:
        self.url = url
        self._audience = audience
        self._roles_claim = roles_claim
        self._keys: dict[str, SigningKey] = {}
        self._endpoints: ProviderEndpoints | None = None
        self._stale_at = self._retry_at = 0.0
        self._fetches: deque[float] = deque(maxlen=MAX_FETCHES)
        """When the last ones that succeeded began, by `time.monotonic`."""
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> VerifiedToken:
        """Return the verified access token.

        Raises SignInNeeded, or ServiceUnavailable where the provider's keys are needed and cannot be had now.
        """
        claims = await self._claims(token, self._audience, TOKEN_TYPES)
        if claims.get("typ", "Bearer") != "Bearer":  # Keycloak's name for the kind of a token
            raise SignInNeeded
        return self._verified(claims)

    async def verify_id_token(self, token: str, client_id: str, nonce: str) -> VerifiedToken:
        """Return the verified ID token (OpenID Connect Core 1.0, section 3.1.3.7). Raises as `verify` does."""
        claims = await self._claims(token, client_id, ID_TOKEN_TYPES)
        is_for_us = claims.get("azp", client_id if claims["aud"] in (client_id, [client_id]) else None) == client_id
        is_ours = hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
        if not is_for_us or not is_ours or claims.get("typ", "ID") != "ID":
            raise SignInNeeded
        return self._verified(claims)

    async def endpoints(self) -> ProviderEndpoints:
        """Return where people sign in. Raises ServiceUnavailable while the provider has not said so."""
        asked_at = time.monotonic()
        if self._endpoints is None or asked_at >= self._stale_at:
            async with self._lock:
                if not self._fetches or self._fetches[-1] < asked_at:
                    await self._fetch_if_due(self._stale_at if self._endpoints else self._retry_at)
        if self._endpoints is None:
            detail = PROVIDER_BROKEN if self._fetches else PROVIDER_DOWN
            raise ServiceUnavailable(detail, headers={"Retry-After": "2"})
        return self._endpoints

    async def _claims(self, token: str, audience: str, types: frozenset[str]) -> dict[str, Json]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise SignInNeeded from error
        if str(header.get("typ", "")).lower() not in types:
            raise SignInNeeded
        key = await self._key(str(header.get("kid", "")))
        try:
            claims: dict[str, Json] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS if isinstance(key, jwt.PyJWK) else RSA_ALGORITHMS,
                audience=audience,
                issuer=[self.url, self.url + "/"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise SignInNeeded from error
        return claims

    def _verified(self, claims: dict[str, Json]) -> VerifiedToken:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
            raise SignInNeeded
        return VerifiedToken(subject, self._roles(claims), float(str(claims["exp"])) - time.time())

    def _roles(self, claims: dict[str, Json]) -> StatedRoles | None:
        if self._roles_claim is None:
            return None
        claim: Json = claims.get(self._roles_claim)  # a name that is a URL has dots of its own
        if claim is None:
            claim = claims
            for name in self._roles_claim.split("."):
                claim = claim.get(name) if isinstance(claim, dict) else None
        names = {str(role) for role in claim} if isinstance(claim, list) else frozenset[str]()
        roles = frozenset({Role.CONTRIBUTOR, *(role for role in Role if role.value in names)})
        return StatedRoles(roles, datetime.fromtimestamp(float(str(claims["iat"])), UTC))

    async def _key(self, kid: str) -> SigningKey:
        asked_at = time.monotonic()
        if kid not in self._keys or asked_at >= self._stale_at:
            async with self._lock:
                if not self._fetches or self._fetches[-1] < asked_at:  # else somebody fetched them meanwhile
                    await self._refresh(kid)
        if kid in self._keys:
            return self._keys[kid]
        raise SignInNeeded

    async def _refresh(self, kid: str) -> None:
        """Fetch the keys, if that may be now. Raises ServiceUnavailable where nobody can say whether `kid` is good."""
        if await self._fetch_if_due(self._stale_at if kid in self._keys else self._retry_at):
            return
        if kid not in self._keys:
            raise ServiceUnavailable(headers={"Retry-After": "2"})

    async def _fetch_if_due(self, due_at: float) -> bool:
        """Fetch the keys if they are due and not fetched too often. Returns whether the provider answered."""
        now = time.monotonic()
        is_allowed = len(self._fetches) < MAX_FETCHES or now - self._fetches[0] >= FETCH_WINDOW_SECONDS
        return is_allowed and now >= due_at and await self._fetch()

    async def _fetch(self) -> bool:
        """Fetch the keys. Returns whether the provider answered; if not, those from before stay."""
        began_at = time.monotonic()
        try:
            async with provider_session(TIMEOUT_SECONDS, raise_for_status=True) as http:
                async with http.get(f"{self.url}/.well-known/openid-configuration") as response:
                    metadata: dict[str, Any] = await read_json(response)
                if str(metadata["issuer"]).rstrip("/") != self.url:
                    raise ValueError("the provider is another than OIDC_ISSUER names")
                async with http.get(metadata["jwks_uri"]) as response:
                    keys = _keys_of(await read_json(response))
        except (aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError, jwt.PyJWTError) as error:
            logger.warning("the identity provider's keys could not be fetched: %s", type(error).__name__)
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._stale_at = time.monotonic() + STALE_RETRY_SECONDS
            return False
        self._keys = keys
        self._endpoints = _endpoints_of(metadata)
        self._fetches.append(began_at)
        self._stale_at = began_at + KEY_CACHE_SECONDS
        return True


def _keys_of(document: dict[str, Any]) -> dict[str, SigningKey]:
    """Return the keys of a key set (RFC 7517) that sign, by their ids."""
    keys = [key for key in jwt.PyJWKSet.from_dict(document).keys if key.public_key_use != "enc"]
    named = {str(key.get("kid") or "") for key in document["keys"] if key.get("alg")}
    return {
        kid: key.key if isinstance(key.key, RSAPublicKey) and kid not in named else key
        for kid, key in ((key.key_id or "", key) for key in keys)
    }


def _endpoints_of(metadata: Mapping[str, Any]) -> ProviderEndpoints | None:
    """Return where people sign in, or None where the provider does not say it, or as nobody understands it."""
    urls = [str(metadata.get(name) or "") for name in ("authorization_endpoint", "token_endpoint")]
    methods: Any = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if not all(url.startswith(("https://", "http://")) for url in urls) or not isinstance(methods, list):
        logger.warning("the identity provider does not say where people sign in")
        return None
    return ProviderEndpoints(
        *urls,
        takes_basic="client_secret_basic" in methods,
        states_issuer=metadata.get("authorization_response_iss_parameter_supported") is True,
    )
