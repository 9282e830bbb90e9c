"""Which browser and system a session is used by, so that people can tell their devices apart."""

from typing import Final, NamedTuple

BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
"""What stands in the User-Agent of each. The first that matches names it: most also name those that they resemble."""
SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


class Device(NamedTuple):
    """A browser and its system, each None where it is not known."""

    browser: str | None = None
    system: str | None = None

    @classmethod
    def of(cls, user_agent: str) -> "Device":
        """Return what a User-Agent header says. Nothing else of it is stored."""
        browser = next((name for sign, name in BROWSERS if sign in user_agent), None)
        return cls(browser, next((name for sign, name in SYSTEMS if sign in user_agent), None))
