"""Editions as the API returns them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.evidence.library.items.editions.queries import EditionListRow
from services.evidence.library.items.tables import Side
from services.evidence.library.items.views import LivedExperienceView, PracticeKnowledgeView, ResearchView
from shared.views import View


class ItemEdition(View):
    """One edition in the list of them."""

    edition: int
    title: str = Field(description="Empty if the text of this edition was erased.")
    from_: datetime = Field(serialization_alias="from", description="When it became the current edition.")
    superseded_at: datetime | None = Field(description="When it was replaced; null for the current edition.")
    changed_by: Side | None = Field(
        description="Whose change it is: of whoever gave it, or of an editor. Null for the first edition."
    )
    agreed: bool | None = Field(
        description="Whether the other side said yes: the person to an editor's words, an editor to theirs."
    )
    changed: list[str] = Field(description="The fields in which it differs from the edition before.")

    @classmethod
    def of(cls, row: EditionListRow) -> "ItemEdition":
        return cls(
            edition=row.edition,
            title=row.title,
            from_=row.since,
            superseded_at=row.superseded_at,
            changed_by=row.changed_by,
            agreed=row.agreed,
            changed=row.fields or [],
        )


class _EditionFields(BaseModel):
    current_edition: int
    superseded_at: datetime | None = Field(description="When it was replaced; null for the current edition.")


class ResearchEdition(_EditionFields, ResearchView):
    way_of_knowing: Literal["research"]


class LivedExperienceEdition(_EditionFields, LivedExperienceView):
    way_of_knowing: Literal["lived_experience"]


class PracticeKnowledgeEdition(_EditionFields, PracticeKnowledgeView):
    way_of_knowing: Literal["practice_knowledge"]


EditionView = Annotated[
    ResearchEdition | LivedExperienceEdition | PracticeKnowledgeEdition, Field(discriminator="way_of_knowing")
]
