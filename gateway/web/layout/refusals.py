"""What refusals are called on pages, by the slug of their problem: for people, who send no headers and no tokens."""

import re
from typing import Final

from gateway.web.layout.languages import text, translate

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "sign-in-needed": (text("Please sign in"), text("You are not signed in, or you were signed out meanwhile.")),
    "not-allowed": (
        text("You do not have permission to do this"),
        text("Your account does not allow it. If you think that it should, ask the centre."),
    ),
    "not-found": (
        text("Not found"),
        text(
            "Nothing was found at this address, or you may not see it. Check the address, or look for it in the list."
        ),
    ),
    "item-not-found": (
        text("There is no such evidence"),
        text("It may be a draft that is not yours. Check the address, or search."),
    ),
    "guide-not-found": (
        text("There is no such guide"),
        text("It may not be published yet. Check the address, or look through the guides."),
    ),
    "topic-not-found": (text("There is no such topic"), text("Check the address, or look through the topics.")),
    "request-not-found": (
        text("There is no such question"),
        text("It may not be yours. What you asked is under “My questions”."),
    ),
    "piece-not-found": (
        text("There is no such piece of learning"),
        text("It may not be published yet. Check the address, or look through the list."),
    ),
    "gone": (text("No longer available"), text("This was withdrawn. You do not need to do anything.")),
    "item-withdrawn": (
        text("This was withdrawn"),
        text("It is no longer shown, as whoever gave it may ask at any time. Do not rely on it."),
    ),
    "guide-is-withdrawn": (text("This guide was withdrawn"), text("It is no longer shown. Do not rely on it.")),
    "piece-withdrawn": (
        text("This piece of learning was withdrawn"),
        text("It is no longer shown. Whoever finished it keeps their record."),
    ),
    "conflict": (
        text("Something has changed meanwhile"),
        text("Nothing was changed by you. Open the page again, look at what is different, and try again."),
    ),
    "precondition-required": (
        text("This form came without a part that it needs"),
        text("Nothing was changed. Open the page again, and send the form from there."),
    ),
    "hidden-field-altered": (
        text("This form was altered on its way"),
        text("Nothing was changed. Open the page again, and send the form from there."),
    ),
    "precondition-failed": (
        text("This has changed since you read it"),
        text("Nothing was changed by you. Open the page again, look at what is different, and try again."),
    ),
    "request-in-progress": (
        text("This is still being done"),
        text("You pressed the button a moment ago. Wait a little, then open the page again."),
    ),
    "invalid": (
        text("Something is not right yet"),
        text("Nothing was changed. Go back, look at what you wrote or chose, and send it again."),
    ),
    "bad-request": (
        text("This could not be read"),
        text("Nothing was changed. Go back, look at what you wrote, and send it again."),
    ),
    "invalid-cursor": (
        text("This part of the list is no longer there"),
        text("Open the list again, and begin with its first part."),
    ),
    "address-not-understood": (text("This address cannot be"), text("Check it, or begin with the front page.")),
    "method-not-allowed": (text("This cannot be done here"), text("Begin with the front page.")),
    "not-from-this-site": (
        text("This came from another website"),
        text(
            "For your safety, changes can only be made from the pages of this site. Open the page here and try again."
        ),
    ),
    "body-too-large": (
        text("This is too large"),
        text("Nothing was changed. Send a smaller file, or less text at once."),
    ),
    "too-many-requests": (text("Too many at once"), text("Nothing was changed. Wait a minute, then try again.")),
    "bad-answer": (
        text("We do not know whether this was done"),
        text("Something broke while we did it. Look whether it was done before you try again."),
    ),
    "service-down": (text("This does not work at the moment"), text("Nothing was changed. Try again in a minute.")),
    "service-busy": (
        text("There is too much to do at the moment"),
        text("Nothing was changed. Wait a minute, then try again."),
    ),
    "service-unavailable": (
        text("This does not work at the moment"),
        text("Nothing was changed. Try again in a minute."),
    ),
    "request-timed-out": (
        text("This took too long"),
        text("We do not know whether it was done. Look whether it was done before you try again."),
    ),
    "internal-error": (
        text("Something went wrong on our side"),
        text("It is not your fault. Try again; if it happens again, tell us the number below."),
    ),
    "sign-in-is-elsewhere": (
        text("Sign-in links are not used here"),
        text("Sign in with your organisation's account. If you do not know how, ask the centre."),
    ),
}
"""Title and detail. Any other problem is shown in the English of the API."""

_NOT_SHOWN: Final = (
    text("This page cannot be shown at the moment"),
    text("A part of our service does not answer, or takes too long. Nothing was changed. Try again in a minute."),
)
READING: Final[dict[str, tuple[str, str]]] = dict.fromkeys(
    ("bad-answer", "service-down", "service-busy", "service-unavailable", "request-timed-out"), _NOT_SHOWN
)
"""Those of a page that was only to be shown: nobody has to look whether anything was done."""

TOO_LONG: Final = text("Write at most %(number)s characters")
NOT_UNDERSTOOD: Final = text("This cannot be understood. Choose it from the list, or write it in another way")
_too_long = re.compile(r"String should have at most (\d+) characters?")
_for_programs = re.compile(
    r"(?:Input|String|List|Tuple|Set|Dictionary|Value|URL|UUID|JSON input|Decimal input|Datetimes?|Dates?) "
    r"(?:should|version)|Field required|Extra inputs|Unable to|Invalid JSON"
)
"""How Pydantic begins what it says of a value."""


def plain_detail(language: str, detail: str) -> str:
    """Return what is wrong with a field in words for people, where the API says it in those of programmers."""
    if match := _too_long.match(detail):
        return translate(language, TOO_LONG) % {"number": f"{int(match[1]):,}"}
    return translate(language, NOT_UNDERSTOOD) if _for_programs.match(detail) else detail
