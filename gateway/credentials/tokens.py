"""The random tokens that the gateway issues, told apart by their prefixes, and the hashes that it stores of them."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import Final, Literal

SESSION_PREFIX: Final = "impact_session_"
LINK_PREFIX: Final = "impact_link_"
LIVE_KEY_PREFIX: Final = "impact_live_"
TEST_KEY_PREFIX: Final = "impact_test_"

TokenPrefix = Literal["impact_session_", "impact_link_", "impact_live_", "impact_test_"]


def create_token(prefix: TokenPrefix) -> str:
    """Return a new token of 256 random bits. It is shown once; store `hash_token` of it."""
    return prefix + secrets.token_urlsafe(32)


def derive_session_token(link_token: str, browser: str) -> str:
    """Return the token of the session that this link makes in the browser that carries this random text.

    It is the same each time, and needs both: whoever has only the mail cannot make it.
    """
    digest = hmac.new(browser.encode(), link_token.encode(), hashlib.sha256).digest()
    return SESSION_PREFIX + urlsafe_b64encode(digest).decode().rstrip("=")


def hash_token(token: str) -> bytes:
    """Return the SHA-256 hash. A salt or a slow hash adds nothing: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
