"""Renditions as they are sent."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.evidence.library.field_types import Address, Language, Line, PastDay, Prose
from services.evidence.library.renditions.rules import RenditionKind
from shared.views import Body

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


class NewRendition(Body):
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
        default=None, description="English where left out; leave it out for `welsh` and `bsl`."
    )
    content: Prose | None = Field(default=None, description="The text itself.")
    url: Address | None = Field(default=None, description="Where it is: a film, a recording, a document.")
    made_on: PastDay
    made_by: Maker = Field(description="The kind of organisation that made it; no person's name.")
    checked_with_readers: bool = Field(default=False, description="People who use this form looked at it first.")
    made_from_edition: Edition | None = Field(
        default=None, description="The edition of the original that it was made from; the current one where left out."
    )
