"""The classes of rate limits: how many requests of a kind each caller may send. They stand here and nowhere else."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RateLimitPolicy:
    """`quota` requests in `seconds`, which may all come at once, of each caller or what else is `counted`."""

    name: str
    quota: int
    seconds: int
    counted: str = "caller"


PAGES: Final = RateLimitPolicy("pages", 300, 60)
READ: Final = RateLimitPolicy("read", 1200, 60)
SEARCH: Final = RateLimitPolicy("search", 240, 60)
WRITE: Final = RateLimitPolicy("write", 240, 60)
FILES: Final = RateLimitPolicy("files", 30, 60)
RESPONSES: Final = RateLimitPolicy("responses", 10, 60, counted="invitation")
"""The holder of an invitation corrects a mistake a few times at most."""
RESPONSES_OF_ADDRESS: Final = RateLimitPolicy("responses-address", 3000, 60, counted="address")
"""A whole day centre or hospital shares one address."""
SIGN_IN: Final = RateLimitPolicy("sign-in", 30, 60)
"""Asking for links; the mails have limits of their own."""
SIGN_IN_BY_LINK: Final = RateLimitPolicy("sign-in-link", 120, 60)
"""A whole day centre opens its links at once, from one address. A link cannot be guessed: its token has 256 bits."""
MAILS_TO_ADDRESS: Final = RateLimitPolicy("sign-in-mails", 5, 900, counted="e-mail address")
MAILS_OF_NETWORK: Final = RateLimitPolicy("sign-in-mails-network", 60, 900, counted="address")
"""A whole day centre asks from one address."""
FAILED_SIGN_IN: Final = RateLimitPolicy("failed-sign-in", 30, 60, counted="credential from one address")
FAILED_SIGN_INS_OF_ADDRESS: Final = RateLimitPolicy("failed-sign-in-address", 300, 60, counted="address")
