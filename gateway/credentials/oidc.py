"""Access tokens of an OpenID Connect provider, verified against the keys that it publishes."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import aiohttp
import jwt

from shared.callers import Role
from shared.problems import ServiceUnavailable, SignInNeeded
from shared.views import Json

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
KEY_CACHE_SECONDS: Final = 3600.0
MIN_FETCH_INTERVAL_SECONDS: Final = 30.0
"""A token signed with an unknown key makes us fetch the keys again, at most this often."""
LEEWAY_SECONDS: Final = 30
"""How far the provider's clock may be from ours."""


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Whose access token it is (`sub`), their roles here, and for how many more seconds it is valid."""

    subject: str
    roles: frozenset[Role]
    seconds_left: float


class OidcIssuer:
    """One OpenID Connect provider. Its keys are fetched when needed, kept for an hour, and outlast a short outage."""

    def __init__(self, url: str, *, audience: str, roles_claim: str) -> None:
        self.url = url
        self._audience = audience
        self._roles_claim = roles_claim.split(".")
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = -KEY_CACHE_SECONDS
        self._attempted_at = -MIN_FETCH_INTERVAL_SECONDS
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> VerifiedToken:
        """Return the verified token. Raises SignInNeeded, or ServiceUnavailable without the provider's keys."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise SignInNeeded from error
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
        expires_at = float(str(claims["exp"]))
        return VerifiedToken(str(claims["sub"]), self._roles(claims), expires_at - time.time())

    def _roles(self, claims: dict[str, Json]) -> frozenset[Role]:
        claim: Json = claims
        for name in self._roles_claim:
            claim = claim.get(name) if isinstance(claim, dict) else None
        names = {str(role) for role in claim} if isinstance(claim, list) else frozenset[str]()
        return frozenset({Role.CONTRIBUTOR, *(role for role in Role if role.value in names)})

    async def _key(self, kid: str) -> jwt.PyJWK:
        if self._is_fresh(kid):
            return self._keys[kid]
        async with self._lock:
            now = time.monotonic()
            if not self._is_fresh(kid) and now - self._attempted_at >= MIN_FETCH_INTERVAL_SECONDS:
                self._attempted_at = now
                await self._fetch()
        if kid in self._keys:
            return self._keys[kid]
        raise SignInNeeded

    def _is_fresh(self, kid: str) -> bool:
        return kid in self._keys and time.monotonic() - self._fetched_at < KEY_CACHE_SECONDS

    async def _fetch(self) -> None:
        """Fetch the keys. Raises ServiceUnavailable when the provider does not answer and there are no earlier keys."""
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5), raise_for_status=True) as http:
                async with http.get(f"{self.url}/.well-known/openid-configuration") as response:
                    keys_url = (await response.json(content_type=None))["jwks_uri"]
                async with http.get(keys_url) as response:
                    key_set = jwt.PyJWKSet.from_dict(await response.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, KeyError, ValueError, jwt.PyJWTError) as error:
            if self._keys:
                return
            raise ServiceUnavailable(headers={"Retry-After": "5"}) from error
        self._keys = {key.key_id or "": key for key in key_set.keys}
        self._fetched_at = time.monotonic()
