"""JSON, base classes of request bodies and views, money, and progress of jobs. Rules may use it: no database here."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
"""A value that was read from JSON."""


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
