"""What refusals are called on pages, by the slug of their problem: for people, who send no headers and no tokens."""

import re
from typing import Final

from gateway.web.layout.languages import text, translate

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "sign-in-needed": (text("Sign in to see this"), text("You are not signed in, or you have been signed out.")),
    "not-allowed": (
        text("You do not have permission to do this"),
        text("Your account does not allow this. If you think it should, contact the centre."),
    ),
    "not-found": (
        text("Not found"),
        text(
            "There is nothing at this address, or you do not have permission to see it."
            " Check the address, or search for it."
        ),
    ),
    "item-not-found": (
        text("We cannot find this evidence"),
        text("It may be somebody else's draft. Check the address, or search for it."),
    ),
    "guide-not-found": (
        text("We cannot find this guide"),
        text("It may not be published yet. Check the address, or look through the guides."),
    ),
    "topic-not-found": (text("We cannot find this topic"), text("Check the address, or look through the topics.")),
    "request-not-found": (
        text("We cannot find this question"),
        text("It may be somebody else's question. What you asked is under “My questions”."),
    ),
    "piece-not-found": (
        text("We cannot find this piece of learning"),
        text("It may not be published yet. Check the address, or look through the list."),
    ),
    "gone": (text("No longer available"), text("This was withdrawn. You do not need to do anything.")),
    "item-withdrawn": (
        text("This was withdrawn"),
        text("It is no longer shown. The people who share evidence can take it back at any time. Do not rely on it."),
    ),
    "guide-is-withdrawn": (text("This guide was withdrawn"), text("It is no longer shown. Do not rely on it.")),
    "piece-withdrawn": (
        text("This piece of learning was withdrawn"),
        text("It is no longer shown. People who finished it keep their record."),
    ),
    "conflict": (
        text("Something has changed in the meantime"),
        text("Your change was not saved. Open the page again, look at what is different, and try again."),
    ),
    "precondition-required": (
        text("Part of this form was missing"),
        text("Your change was not saved. Open the page again, and send the form from there."),
    ),
    "hidden-field-altered": (
        text("Part of this form was not valid"),
        text("Your change was not saved. Open the page again, and send the form from there."),
    ),
    "precondition-failed": (
        text("This has changed since you read it"),
        text("Your change was not saved. Open the page again, look at what is different, and try again."),
    ),
    "request-in-progress": (
        text("We are still working on this"),
        text("You pressed the button a moment ago. Wait a few seconds, then open the page again."),
    ),
    "invalid": (
        text("There is a problem with what you entered"),
        text("Your change was not saved. Go back, check what you wrote or chose, and send it again."),
    ),
    "bad-request": (
        text("We could not read this"),
        text("Your change was not saved. Go back, check what you wrote, and send it again."),
    ),
    "invalid-cursor": (
        text("This part of the list is no longer available"),
        text("Open the list again from the beginning."),
    ),
    "address-not-understood": (text("This address is not valid"), text("Check the address, or go to the front page.")),
    "method-not-allowed": (text("You cannot do this here"), text("Go to the front page.")),
    "not-from-this-site": (
        text("This came from another website"),
        text(
            "For your safety, you can only make changes from the pages of this site. Open the page here and try again."
        ),
    ),
    "body-too-large": (
        text("This is too large"),
        text("Nothing was saved. Send a smaller file, or less text."),
    ),
    "too-many-requests": (text("Too many requests"), text("Nothing was saved. Wait a minute, then try again.")),
    "bad-answer": (
        text("We do not know whether this was done"),
        text("Something went wrong while we were doing it. Check whether it was done before you try again."),
    ),
    "service-down": (text("This is not working at the moment"), text("Nothing was saved. Try again in a minute.")),
    "service-busy": (
        text("The service is very busy at the moment"),
        text("Nothing was saved. Wait a minute, then try again."),
    ),
    "service-unavailable": (
        text("This is not working at the moment"),
        text("Nothing was saved. Try again in a minute."),
    ),
    "request-timed-out": (
        text("This took too long"),
        text("We do not know whether it was done. Check before you try again."),
    ),
    "internal-error": (
        text("Something went wrong on our side"),
        text("It is not your fault. Try again. If it happens again, tell us the number below."),
    ),
    "sign-in-is-elsewhere": (
        text("Sign-in links are not used here"),
        text("Sign in with your organisation's account. If you do not know how, contact the centre."),
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

TOO_LONG: Final = text("Write %(number)s characters or fewer")
NOT_UNDERSTOOD: Final = text("We do not understand this. Choose from the list, or write it in another way")
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
