"""Access tokens of an OpenID Connect provider, verified against the keys that it publishes."""

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

import aiohttp
import jwt

from shared.callers import Role
from shared.problems import ServiceUnavailable, SignInNeeded
from shared.views import Json

logger = logging.getLogger(__name__)

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
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
MAX_SUBJECT_LENGTH: Final = 255
LEEWAY_SECONDS: Final = 30
"""How far the provider's clock may be from ours."""


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Whose access token it is (`sub`), their roles here, and for how many more seconds it is valid."""

    subject: str
    roles: frozenset[Role]
    seconds_left: float


class OidcIssuer:
    """One OpenID Connect provider. Its keys are fetched when needed, kept for an hour, and outlast an outage."""

    def __init__(self, url: str, *, audience: str, roles_claim: str) -> None:
        self.url = url
        self._audience = audience
        self._roles_claim = roles_claim.split(".")
        self._keys: dict[str, jwt.PyJWK] = {}
        self._stale_at = self._retry_at = 0.0
        self._fetches: deque[float] = deque(maxlen=MAX_FETCHES)
        """When the last ones that succeeded began, by `time.monotonic`."""
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> VerifiedToken:
        """Return the verified token.

        Raises SignInNeeded, or ServiceUnavailable where the provider's keys are needed and cannot be had now.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise SignInNeeded from error
        if str(header.get("typ", "")).lower() not in TOKEN_TYPES:
            raise SignInNeeded
        key = await self._key(str(header.get("kid", "")))
        try:
            claims: dict[str, Json] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=[self.url, self.url + "/"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise SignInNeeded from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
            raise SignInNeeded
        if claims.get("typ", "Bearer") != "Bearer":  # Keycloak's name for the kind of a token
            raise SignInNeeded
        return VerifiedToken(subject, self._roles(claims), float(str(claims["exp"])) - time.time())

    def _roles(self, claims: dict[str, Json]) -> frozenset[Role]:
        claim: Json = claims
        for name in self._roles_claim:
            claim = claim.get(name) if isinstance(claim, dict) else None
        names = {str(role) for role in claim} if isinstance(claim, list) else frozenset[str]()
        return frozenset({Role.CONTRIBUTOR, *(role for role in Role if role.value in names)})

    async def _key(self, kid: str) -> jwt.PyJWK:
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
        now = time.monotonic()
        is_allowed = len(self._fetches) < MAX_FETCHES or now - self._fetches[0] >= FETCH_WINDOW_SECONDS
        due_at = self._stale_at if kid in self._keys else self._retry_at
        if is_allowed and now >= due_at and await self._fetch():
            return
        if kid not in self._keys:
            raise ServiceUnavailable(headers={"Retry-After": "2"})

    async def _fetch(self) -> bool:
        """Fetch the keys. Returns whether the provider answered; if not, those from before stay."""
        began_at = time.monotonic()
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5), raise_for_status=True) as http:
                async with http.get(f"{self.url}/.well-known/openid-configuration") as response:
                    keys_url = (await response.json(content_type=None))["jwks_uri"]
                async with http.get(keys_url) as response:
                    key_set = jwt.PyJWKSet.from_dict(await response.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError, jwt.PyJWTError) as error:
            logger.warning("the identity provider's keys could not be fetched: %s", type(error).__name__)
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._stale_at = time.monotonic() + STALE_RETRY_SECONDS
            return False
        self._keys = {key.key_id or "": key for key in key_set.keys if key.public_key_use != "enc"}
        self._fetches.append(began_at)
        self._stale_at = began_at + KEY_CACHE_SECONDS
        return True
