"""Access tokens of a real identity provider, checked against the keys that it publishes."""

import asyncio
import time
from typing import Any, Final

import aiohttp
import jwt

from shared.callers import Role
from shared.problems import NotReady, SignInNeeded

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
KEYS_SECONDS: Final = 3600.0
ASKED_AGAIN_SECONDS: Final = 30.0
"""A token with an unknown key makes us ask the issuer again, at most this often."""
LEEWAY_SECONDS: Final = 30


class Issuer:
    """One OIDC issuer: its keys are fetched when they are needed, kept for an hour and survive its short absence."""

    def __init__(self, url: str, *, audience: str, roles_claim: str) -> None:
        self.url = url
        self._audience = audience
        self._roles_claim = roles_claim.split(".")
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = -KEYS_SECONDS
        self._asked = -ASKED_AGAIN_SECONDS
        self._asking = asyncio.Lock()

    async def verify(self, token: str) -> tuple[str, frozenset[Role], float]:
        """The subject, its roles here, and for how many seconds the token still holds. Raises SignInNeeded."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise SignInNeeded from error
        key = await self._key(str(header.get("kid", "")))
        try:
            claims: dict[str, Any] = jwt.decode(
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
        return str(claims["sub"]), self._roles(claims), float(claims["exp"]) - time.time()

    def _roles(self, claims: dict[str, Any]) -> frozenset[Role]:
        found: Any = claims
        for part in self._roles_claim:
            found = found.get(part) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  any JSON
        named: set[str] = {str(role) for role in found} if isinstance(found, list) else set()  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  any JSON
        return frozenset({Role.CONTRIBUTOR, *(role for role in Role if role.value in named)})

    async def _key(self, kid: str) -> jwt.PyJWK:
        if self._is_fresh(kid):
            return self._keys[kid]
        async with self._asking:
            now = time.monotonic()
            if not self._is_fresh(kid) and now - self._asked >= ASKED_AGAIN_SECONDS:
                self._asked = now
                await self._fetch()
        if kid in self._keys:
            return self._keys[kid]
        raise SignInNeeded

    def _is_fresh(self, kid: str) -> bool:
        return kid in self._keys and time.monotonic() - self._fetched < KEYS_SECONDS

    async def _fetch(self) -> None:
        """Raises NotReady when the issuer does not answer and there are no keys to go on with."""
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5), raise_for_status=True) as http:
                async with http.get(f"{self.url}/.well-known/openid-configuration") as answer:
                    where = (await answer.json(content_type=None))["jwks_uri"]
                async with http.get(where) as answer:
                    published = jwt.PyJWKSet.from_dict(await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, KeyError, ValueError, jwt.PyJWTError) as error:
            if self._keys:
                return
            raise NotReady(headers={"Retry-After": "5"}) from error
        self._keys = {key.key_id or "": key for key in published.keys}
        self._fetched = time.monotonic()
