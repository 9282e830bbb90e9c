"""An identity provider that signs everybody in at once, and misbehaves as a test says."""

import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.types import Receive, Scope, Send

from tests.gateway.credentials.test_oidc import new_key, public
from tests.gateway.servers import answer_lifespan, respond


@dataclass
class OpenIdProvider:
    """An identity provider: everybody who is sent there is `subject`, at once."""

    url: str
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    subject: str = "somebody"
    roles: list[str] = field(default_factory=list[str])
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    """Replace those of the ID tokens."""
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    signs_with: rsa.RSAPrivateKey | None = None
    token_status: int = 200
    padding: int = 0
    """So many bytes more in its response to a code."""
    down: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    token_requests: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    authorizations: list[str] = field(default_factory=list[str])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        elif scope["path"] == "/.well-known/openid-configuration":
            description = {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize?tenant=1",
                "token_endpoint": f"{self.url}/token",
                "authorization_response_iss_parameter_supported": True,
                **self.metadata,
            }
            await respond(send, description, [], status=503 if self.down else 200)
        elif scope["path"] == "/keys":
            await respond(send, {"keys": [{**public(self.key), "kid": "one", "use": "sig"}]}, [])
        else:
            body = (await receive())["body"].decode()
            headers = dict(scope["headers"])
            self.authorizations.append(headers.get(b"authorization", b"").decode())
            await self._exchange(dict(parse_qsl(body)), send)

    async def _exchange(self, sent: dict[str, str], send: Send) -> None:
        self.token_requests.append(sent)
        asked = self.codes.pop(sent["code"], None)
        challenge = urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        is_proved = asked is not None and challenge == asked["code_challenge"]
        if self.token_status != 200 or not is_proved or asked is None:
            await respond(send, {"error": "invalid_grant"}, [], status=self.token_status if is_proved else 400)
            return
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "impact-web",
            "sub": self.subject,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "roles": self.roles,
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(claims, self.signs_with or self.key, "RS256", {"kid": "one", **self.header})
        tokens = {"access_token": "x" * (1 + self.padding), "token_type": "Bearer", "id_token": token}
        await respond(send, tokens, [])

    def grant(self, location: str) -> dict[str, str]:
        """Return the parameters with which somebody comes back who was sent to this location."""
        asked = dict(parse_qsl(urlsplit(location).query))
        code = f"code-{len(self.codes)}-{len(self.token_requests)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.url}
