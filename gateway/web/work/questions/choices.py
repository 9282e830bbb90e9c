"""What the codes of a question are called, in English: pages translate it. And the saved filters of the queue."""

from typing import Final

from gateway.web.layout.languages import text

URGENCIES: Final = {
    "today": text("Today"),
    "this_week": text("This week"),
    "this_month": text("This month"),
    "no_hurry": text("No hurry"),
}
STATUSES: Final = {
    "open": text("Waiting, nobody has it"),
    "assigned": text("Somebody has it"),
    "answered": text("Answered"),
    "closed": text("Closed"),
    "withdrawn": text("Withdrawn"),
}
USES: Final = {"yes": text("Used"), "no": text("Not used"), "not_yet": text("Not used yet")}
HOLDERS: Final = {"me": text("You"), "colleague": text("A colleague"), "nobody": text("Nobody")}
YES_OR_NO: Final = {"true": text("Yes"), "false": text("No")}
VIEWS: Final = (
    ("", text("All waiting")),
    ("urgency=today", text("For today")),
    ("mine=true", text("Yours")),
    ("status=open", text("Nobody's")),
    ("in_doubt=true", text("In doubt")),
    ("status=answered", text("Answered")),
    ("used=no", text("Answered, not used")),
    ("what_happened=true", text("With what happened")),
    ("status=closed", text("Closed")),
    ("status=withdrawn", text("Withdrawn")),
)
"""Saved filters of the queue: a query and its name."""
FILTERS: Final = {
    "urgency": text("How soon it is needed"),
    "status": text("Status"),
    "topic": text("Topic"),
    "used": text("Was the answer used?"),
    "what_happened": text("Did they say what happened?"),
    "in_doubt": text("Is an answer in doubt?"),
    "mine": text("Who has it"),
    "country": text("Country"),
    "setting": text("Setting"),
    "from": text("Asked from"),
    "to": text("Asked until"),
}
"""The filters of the queue, by the names of the API's parameters."""
