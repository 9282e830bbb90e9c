"""Renditions as they are returned."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.evidence.library.renditions import rules
from services.evidence.library.renditions.bodies import Maker
from services.evidence.library.renditions.queries import RenditionRecord
from services.evidence.library.renditions.rules import OriginalKind, RenditionKind
from shared.views import View


class RenditionView(View):
    """A form of an item or a guide. `outdated`: the original has a later edition, `current_edition`.

    A rendition of an item that was merged into this one keeps that item's id, and is outdated.
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
        description="Shown to editors alone, until one changes it: it may name somebody whom the original "
        "no longer names, was made from an edition whose words were erased, or from one of a guide that cites what was "
        "withdrawn or retracted since."
    )
    created_at: datetime
    updated_at: datetime


class RenditionForReview(View):
    """A rendition to make anew or to review. The whole of it is at its original."""

    id: UUID
    original_kind: OriginalKind
    original_id: UUID
    kind: RenditionKind
    language: str
    title: str
    made_from_edition: int
    current_edition: int
    outdated: bool = Field(description="The original has a later edition.")
    withheld: bool = Field(
        description="It may name somebody whom the original no longer names, or quote what was erased: editors alone"
        " see it."
    )


def rendition_view(record: RenditionRecord) -> RenditionView:
    rendition, original = record
    return RenditionView.model_validate(
        {
            **rendition.model_dump(),
            "current_edition": original.edition,
            "outdated": rendition.original_id != original.id or rendition.made_from_edition < original.edition,
            "attributed_to": original.named if original.kind == "evidence" else None,
            "withheld": rules.is_withheld(rendition.named, rendition.made_from_edition, rendition.updated_at, original),
        }
    )
