"""What people see of a topic beside the thing that is about it."""

from typing import NamedTuple
from uuid import UUID

from shared.http.etags import Versioned
from shared.problems import FieldError
from shared.views import View

SMALLEST_NUMBER = 5
UNKNOWN = "No topic with this id is known here. If it is new, send this again in some seconds."


class TopicView(View):
    """The topic of an assembly or project, and how strongly the sector put it first (0 to 100)."""

    id: UUID
    name: str
    priority: int | None


class Seen(NamedTuple):
    """What is shown is made of several rows: its version grows with each change of any of them."""

    version: int


def seen(*rows: Versioned) -> Seen:
    return Seen(sum(row.version for row in rows))


def told_to_everyone(questions: int) -> int:
    """A whole five, rounded down: no number so small, and no difference of two, that somebody might be recognised."""
    return questions - questions % SMALLEST_NUMBER


def unknown_topic(pointer: str) -> FieldError:
    return FieldError(pointer=pointer, detail=UNKNOWN)
