"""Signing in at an OpenID Connect provider by authorization code and PKCE (RFC 6749, RFC 7636, RFC 9207)."""
# Authlib has no types; what is taken from it is checked where it is used.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import quote_plus

import aiohttp
from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import SecretStr

from gateway.credentials.oidc import PROVIDER_DOWN, OidcIssuer, ProviderEndpoints, VerifiedToken
from gateway.credentials.provider_responses import provider_session, read_json
from gateway.credentials.sign_in_state import SignInState
from shared.problems import Problem, ServiceUnavailable, SignInNeeded

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS: Final = 10.0
VERIFIER_LENGTH: Final = 64


class SignInNotStarted(Problem):
    status = 400
    title = "This sign-in was not started in this browser"
    detail = (
        "Start again on the sign-in page, in the browser in which you want to be signed in, and finish within ten "
        "minutes. Your browser has to allow cookies of this site."
    )


class SignInNotGranted(Problem):
    status = 403
    title = "Your organisation did not sign you in"
    detail = (
        "You may have cancelled, or your account may not be allowed to use IMPACT. Try again, or ask whoever runs it."
    )


class SignInNotVerified(Problem):
    status = 400
    title = "The sign-in of your organisation could not be verified"
    detail = "You are not signed in, and nothing was changed. Start again on the sign-in page."


@dataclass(frozen=True, slots=True)
class OidcClient:
    """This gateway as a client of the provider."""

    issuer: OidcIssuer
    client_id: str
    client_secret: SecretStr | None
    scope: str
    redirect_uri: str

    async def begin(self, path: str) -> tuple[str, SignInState]:
        """Return the URL at which somebody signs in, and what their browser has to bring back.

        `path` is where they go afterwards. Raises ServiceUnavailable.
        """
        endpoints = await self.issuer.endpoints()
        state = SignInState(
            state=generate_token(43), nonce=generate_token(43), verifier=generate_token(VERIFIER_LENGTH), path=path
        )
        url = prepare_grant_uri(
            endpoints.authorization,
            self.client_id,
            "code",
            redirect_uri=self.redirect_uri,
            scope=self.scope,
            state=state.state,
            nonce=state.nonce,
            code_challenge=create_s256_code_challenge(state.verifier),
            code_challenge_method="S256",
        )
        return str(url), state

    async def finish(self, parameters: Mapping[str, str], state: SignInState | None) -> VerifiedToken:
        """Return who signed in, by the parameters with which the provider sent them back.

        Raises SignInNotStarted, SignInNotGranted, SignInNotVerified, ServiceUnavailable.
        """
        if state is None or not hmac.compare_digest(parameters.get("state", "").encode(), state.state.encode()):
            raise SignInNotStarted
        endpoints = await self.issuer.endpoints()
        self._check_issuer(parameters.get("iss"), endpoints)
        if "error" in parameters:
            logger.info("the identity provider refused a sign-in")
            raise SignInNotGranted
        if not parameters.get("code"):
            raise SignInNotVerified
        token = await self._exchange(endpoints, parameters["code"], state.verifier)
        try:
            return await self.issuer.verify_id_token(token, self.client_id, state.nonce)
        except SignInNeeded as error:
            logger.warning("an ID token of the identity provider is not valid")
            raise SignInNotVerified from error

    def _check_issuer(self, issuer: str | None, endpoints: ProviderEndpoints) -> None:
        """Refuse a response of another provider, which would be sent a code of ours (RFC 9207)."""
        if issuer is None and not endpoints.states_issuer:
            return
        if issuer is None or issuer.rstrip("/") != self.issuer.url:
            raise SignInNotVerified

    async def _exchange(self, endpoints: ProviderEndpoints, code: str, verifier: str) -> str:
        """Return the ID token for a code. Raises SignInNotVerified, ServiceUnavailable."""
        body = prepare_token_request(
            "authorization_code", redirect_uri=self.redirect_uri, code=code, code_verifier=verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        _, headers, body = self._client_auth(endpoints).prepare("POST", endpoints.token, headers, body)
        try:
            async with (
                provider_session(TIMEOUT_SECONDS) as http,
                http.post(endpoints.token, data=body, headers=headers, allow_redirects=False) as response,
            ):
                if response.status >= 500:
                    raise ServiceUnavailable(PROVIDER_DOWN, headers={"Retry-After": "2"})
                if response.status != 200:
                    logger.warning("the identity provider refused a code: %s", response.status)
                    raise SignInNotVerified
                tokens = cast("object", await read_json(response))
        except (aiohttp.ClientError, TimeoutError) as error:
            logger.warning("a code could not be exchanged: %s", type(error).__name__)
            raise ServiceUnavailable(PROVIDER_DOWN, headers={"Retry-After": "2"}) from error
        except ValueError as error:
            raise SignInNotVerified from error
        id_token = cast("Mapping[str, object]", tokens).get("id_token") if isinstance(tokens, dict) else None
        if not isinstance(id_token, str):
            raise SignInNotVerified
        return id_token

    def _client_auth(self, endpoints: ProviderEndpoints) -> ClientAuth:
        if self.client_secret is None:
            return ClientAuth(self.client_id, None, "none")
        secret = self.client_secret.get_secret_value()
        if not endpoints.takes_basic:
            return ClientAuth(self.client_id, secret, "client_secret_post")
        # Authlib leaves out the encoding that RFC 6749, section 2.3.1, asks for.
        return ClientAuth(quote_plus(self.client_id), quote_plus(secret), "client_secret_basic")
