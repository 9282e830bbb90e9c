"""Whether a one-time link works, who may use personas, and how long links and sessions last."""

from datetime import datetime, timedelta
from typing import Final

from gateway.identity.tables import OneTimeLink, Person
from shared.problems import NotFound, Problem

LINK_LIFETIME: Final = timedelta(hours=24)
"""Of the links that the `impact` command prints."""
MAILED_LINK_LIFETIME: Final = timedelta(minutes=30)
SESSION_LIFETIME: Final = timedelta(hours=12)
PRESSED_AGAIN: Final = timedelta(seconds=60)
"""How long the browser that used a link gets the same result again, where the first response was lost."""
LAST_USE_PRECISION: Final = timedelta(minutes=5)
"""How far the last use of a session may be from what is stored of it."""
START_PAGE: Final = "/welcome"
EXPIRED_RETENTION: Final = timedelta(days=30)
"""How long an expired link or session is kept, so that its holder can be told that it was used or has expired."""


class NoSuchLink(Problem):
    status = 404
    title = "This sign-in link is not valid"
    detail = "Make sure that you copied the whole link, or ask for a new one."


class LinkUsed(Problem):
    status = 410
    title = "This sign-in link has already been used"
    detail = "A link works only once. If you used it a moment ago, you are signed in. Otherwise, ask for a new one."


class LinkExpired(Problem):
    status = 410
    title = "This sign-in link has expired"
    detail = "A link that comes by e-mail works for 30 minutes. Ask for a new one."


class SessionNotFound(NotFound):
    title = "There is no such session"
    detail = "It may have ended. List those in which you are signed in at /v1/sessions."


class NotADemo(Exception):
    """Personas exist only where DEMO is set and no identity provider is."""


def check_link(link: OneTimeLink, now: datetime) -> None:
    """Raise LinkUsed or LinkExpired for a link that no longer works."""
    if link.used_at is not None:
        raise LinkUsed
    if now >= link.expires_at:
        raise LinkExpired


def may_sign_in(person: Person, *, personas: bool) -> bool:
    """Return whether this person may be signed in here: a persona only where there are personas."""
    return person.persona is None or personas


def require_demo(*, demo: bool, issuer: str | None) -> None:
    """Raise NotADemo where there are no personas."""
    if issuer:
        raise NotADemo("People sign in with a real identity provider here (OIDC_ISSUER is set): there are no personas.")
    if not demo:
        raise NotADemo("This is not a demo (DEMO is not set): there are no personas to sign in as.")
