"""JSON, base classes of request bodies and views, money, and progress of jobs. Rules may use it: no database here."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import regex
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
"""A value that was read from JSON."""

GRAPHEME = regex.compile(r"\X")
FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
MAX_BYTES_PER_CHARACTER = 32
"""More than any emoji of today has on average; marks can be heaped on one letter without end."""


@dataclass(frozen=True, slots=True)
class TextLimit:
    """The most characters of a text that people write: `Annotated[str, AfterValidator(TextLimit(2_000))]`.

    A character is what people see as one (an extended grapheme cluster, UAX #29): a family emoji is one, whose seven
    code points `max_length` would count.
    """

    characters: int

    def __call__(self, text: str) -> str:
        """Return the text. Raises ValueError."""
        if reason := self.refusal_of(text):
            raise ValueError(reason)
        return text

    def refusal_of(self, text: str) -> str | None:
        """Return why the text is too long and what to do, or None."""
        if len(text) <= self.characters:
            return None
        if len(text.encode(errors="replace")) > self.characters * MAX_BYTES_PER_CHARACTER:
            return (
                f"Use at most {self.characters:,} characters, and fewer of those that are put together of many signs."
            )
        # Among flags alone `regex` counts back from each to the first, which would take a second for some thousands.
        characters = sum(1 for _ in GRAPHEME.finditer(FLAG.sub("x", text)))
        return f"Use at most {self.characters:,} characters." if characters > self.characters else None


DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _check_day(value: object) -> object:
    """Return what a day is read from. Raises ValueError for numbers, which Pydantic takes for Unix seconds."""
    if isinstance(value, date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise ValueError("Write the day as year, month and day, as in 2026-11-30.")


Day = Annotated[date, BeforeValidator(_check_day)]
"""A day in what people send, only as `YYYY-MM-DD`: a number or a moment would be some day, and often a wrong one."""


class Body(BaseModel):
    """The base of request bodies. Unknown fields are refused, since a misspelt one would be lost silently."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class View(BaseModel):
    """The base of views: the bodies of responses, read from rows."""

    model_config = ConfigDict(from_attributes=True)


class Money(BaseModel):
    """Whole pence of pounds sterling."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"example": {"pence": 1250, "currency": "GBP"}}
    )

    pence: Annotated[int, Field(strict=True, ge=0, le=10**12)]
    currency: Literal["GBP"] = "GBP"


class Job(View):
    """The progress of long work: `done` of `total`; `total` is null until it is known."""

    id: UUID
    status: Literal["queued", "running", "done", "failed"]
    done: int
    total: int | None
    problems: list[str] = []
    created_at: datetime
