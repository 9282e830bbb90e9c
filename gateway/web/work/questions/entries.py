"""A question as an editor finds it: who holds it, how long it has waited, and what this editor may do with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Self
from uuid import UUID

from gateway.web.api_client import Document
from gateway.web.layout.page import WebPage
from shared import clock

MAX_HOURS: Final = 48
"""A longer time is counted in days."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A time in whole hours or days."""

    number: int
    unit: Literal["hours", "days"]

    @classmethod
    def of(cls, time: timedelta) -> Self:
        """Return the time in hours, or from two days on in days."""
        hours = int(abs(time) / timedelta(hours=1))
        return cls(hours, "hours") if hours < MAX_HOURS else cls(hours // 24, "days")


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with who holds it, and its times as seen now."""

    question: Document
    holder: Literal["me", "colleague", "nobody"]
    is_held: bool
    """Whether it is its holder's alone."""
    waited: Duration
    due: Duration
    is_overdue: bool

    @classmethod
    def of(cls, page: WebPage, question: Document) -> Self:
        """Return the question as the caller of the page finds it."""
        now = clock.now()
        held_by, held_until = question["held_by"], question["held_until"]
        me = page.caller.id if page.caller else None
        due = datetime.fromisoformat(question["due_at"]) - now
        return cls(
            question=question,
            holder="nobody" if held_by is None else "me" if UUID(held_by) == me else "colleague",
            is_held=held_until is not None and datetime.fromisoformat(held_until) > now,
            waited=Duration.of(now - datetime.fromisoformat(question["turns"][-1]["asked_at"])),
            due=Duration.of(due),
            is_overdue=due < timedelta(0),
        )

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer."""
        return self.question["status"] in ("open", "assigned")

    @property
    def can_take(self) -> bool:
        """Whether this editor may take it: nobody has it, or a colleague's time is over."""
        return self.waits and (self.holder == "nobody" or (self.holder == "colleague" and not self.is_held))

    @property
    def can_give_back(self) -> bool:
        """Whether this editor may return it to the queue: it is theirs, or a colleague's time is over."""
        return self.waits and (self.holder == "me" or (self.holder == "colleague" and not self.is_held))

    @property
    def can_answer(self) -> bool:
        """Whether this editor may answer it."""
        return self.waits and not (self.holder == "colleague" and self.is_held)

    @property
    def answered(self) -> list[Document]:
        """Its questions that have an answer."""
        return [turn for turn in self.question["turns"] if turn["answered_at"]]
