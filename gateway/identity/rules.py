"""When signing in is possible, and for how long."""

from datetime import datetime, timedelta
from typing import Final, Literal

from shared.problems import Problem

LINK_LASTS: Final = timedelta(hours=24)
SESSION_LASTS: Final = timedelta(hours=12)

LinkState = Literal["good", "used", "expired"]


class NoSuchLink(Problem):
    status = 404
    title = "This link is not one of ours"
    detail = "Copy the whole link, or ask for a new one."


class LinkUsed(Problem):
    status = 410
    title = "This link has been used already"
    detail = "A link works once. If it was you a moment ago, you are signed in. If not, ask for a new link."


class LinkExpired(Problem):
    status = 410
    title = "This link is too old"
    detail = "A link works for one day. Ask for a new one."


class NotADemo(Exception):
    """Personas exist only where DEMO is set and no real identity provider is."""


def state_of(*, used_at: datetime | None, expires_at: datetime, now: datetime) -> LinkState:
    if used_at is not None:
        return "used"
    return "good" if now < expires_at else "expired"


def refuse_unless_demo(*, demo: bool, issuer: str | None) -> None:
    if issuer:
        raise NotADemo("People sign in with a real identity provider here (OIDC_ISSUER is set): there are no personas.")
    if not demo:
        raise NotADemo("This is not a demo (DEMO is not set): there are no personas to sign in as.")
