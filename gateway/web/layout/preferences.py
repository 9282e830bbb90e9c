"""How somebody wants pages to look and which language they read, kept in one cookie of their browser."""

from dataclasses import dataclass, fields
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response

from gateway.settings import GatewaySettings

COOKIE: Final = "impact_preferences"
COOKIE_SECONDS: Final = 365 * 24 * 3600
CHOICES: Final = {
    "language": ("en", "cy"),
    "text": ("standard", "large", "very-large"),
    "colours": ("device", "light", "dark"),
    "style": ("full", "plain"),
}
"""What can be chosen; the first of each is the default."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """One value of CHOICES for each."""

    language: str = "en"
    text: str = "standard"
    colours: str = "device"
    style: str = "full"

    @classmethod
    def of_cookie(cls, value: str) -> Self:
        """Return the preferences that a cookie holds; the default for what it does not, or holds wrongly."""
        try:
            pairs = dict(parse_qsl(value, max_num_fields=20))
        except ValueError:
            return cls()
        return cls(**{name: pairs[name] for name, choices in CHOICES.items() if pairs.get(name) in choices})

    def cookie(self) -> str:
        """Return the value of the cookie: only what differs from the default."""
        return urlencode(
            {
                field.name: getattr(self, field.name)
                for field in fields(self)
                if getattr(self, field.name) != field.default
            }
        )


def set_preferences(request: Request, response: Response, preferences: Preferences) -> None:
    """Keep the preferences in the browser."""
    settings: GatewaySettings = request.app.state.settings
    response.set_cookie(
        COOKIE, preferences.cookie(), max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=settings.secure
    )
