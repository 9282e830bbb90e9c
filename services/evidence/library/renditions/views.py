"""Renditions as they are sent and answered."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.evidence.library.field_types import Address, Language, Line, PastDay, Prose
from services.evidence.library.renditions import rules
from services.evidence.library.renditions.rules import OriginalKind, RenditionKind
from services.evidence.library.renditions.tables import Rendition
from shared.views import Body, View

Maker = Literal[
    "user_led_organisation",
    "charity_or_community_group",
    "specialist_company",
    "council",
    "health_service",
    "this_centre",
    "other",
]
Edition = Annotated[int, Field(ge=1, le=2**31 - 1)]


class RenditionMade(Body):
    """A form of an item or a guide that somebody made."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "easy_read",
                "title": "A week away, in Easy Read",
                "content": "Mary looks after her mother. Someone else stayed for a week. Mary slept well.",
                "made_on": "2024-03-01",
                "made_by": "user_led_organisation",
                "checked_with_readers": True,
                "made_from_edition": 1,
            }
        }
    )

    kind: RenditionKind
    title: Line
    language: Language | None = Field(
        default=None, description="English where left out; of `welsh` and `bsl` it is their own."
    )
    content: Prose | None = Field(default=None, description="The text itself.")
    url: Address | None = Field(default=None, description="Where it is: a film, a recording, a document.")
    made_on: PastDay
    made_by: Maker = Field(description="The kind of organisation that made it; no person's name.")
    checked_with_readers: bool = Field(default=False, description="People who use this form looked at it first.")
    made_from_edition: Edition | None = Field(
        default=None, description="The edition of the original that it says; today's where left out."
    )


class RenditionView(View):
    """A form of an item or a guide. `outdated`: the original has moved on since, to `current_edition`.

    One that came with an item which was merged into this one keeps that item's id, and is outdated.
    """

    id: UUID
    original_kind: OriginalKind
    original_id: UUID
    kind: RenditionKind
    title: str
    language: str
    content: str | None
    url: str | None
    made_on: date
    made_by: Maker
    checked_with_readers: bool
    made_from_edition: int
    current_edition: int
    outdated: bool
    attributed_to: str | None = Field(description="Whom the item names; null for nobody, for research and for guides.")
    withheld: bool = Field(
        description="Shown to editors alone, until one changes it: it may name whom the original no longer names, or "
        "was made from an edition whose words were taken back."
    )
    created_at: datetime
    updated_at: datetime


class RenditionToLookAt(View):
    """One that somebody is to make anew, or to look at: the whole of it is at its original."""

    id: UUID
    original_kind: OriginalKind
    original_id: UUID
    kind: RenditionKind
    language: str
    title: str
    made_from_edition: int
    current_edition: int
    outdated: bool = Field(description="The original has moved on since.")
    withheld: bool = Field(
        description="It may name whom the original no longer names, or say what was taken back: editors alone see it."
    )


def view(row: Rendition, original: rules.Original) -> RenditionView:
    return RenditionView.model_validate(
        {
            **row.model_dump(),
            "current_edition": original.edition,
            "outdated": row.original_id != original.id or row.made_from_edition < original.edition,
            "attributed_to": original.named if original.kind == "evidence" else None,
            "withheld": rules.withheld(row.named, row.made_from_edition, original),
        }
    )


def as_made(row: Rendition) -> dict[str, object]:
    """What was sent: what a patch applies to."""
    return {name: value for name, value in row.model_dump(mode="json").items() if name in RenditionMade.model_fields}
