"""Bodies and views of support projects."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from services.engagement.practice.projects.queries import ProjectReferences
from services.engagement.practice.projects.tables import Project
from services.engagement.replicas.guides.tables import Guide
from services.engagement.replicas.items.rules import standing_item
from services.engagement.replicas.topics.views import TopicView
from shared.events.contracts.engagement import ProjectModel
from shared.events.contracts.evidence import GuideDoubt, RetractionNature
from shared.http.etags import digest_of
from shared.views import Body, View

EXAMPLE: dict[str, Any] = {
    "title": "Breaks that carers can book themselves, in three districts",
    "model": "demonstrator",
    "topic_id": "01980000-0000-7000-8000-000000000001",
    "applies": ["01980000-0000-7000-8000-000000000003"],
}


class ProjectRequest(Body):
    """A project: what it is about, which published evidence or guides it applies, which assembly it grew from."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    title: str = Field(min_length=1, max_length=200)
    model: ProjectModel
    topic_id: UUID
    applies: list[UUID] = Field(
        default=[], max_length=100, description="Evidence items that are published. Without a guide, at least one."
    )
    guide_ids: list[UUID] = Field(default=[], max_length=100, description="Guides that are published.")
    assembly_id: UUID | None = None


class AppliedItem(View):
    """Evidence that a project applies; `withdrawn` when it may no longer be relied on."""

    item_id: UUID
    way_of_knowing: str | None
    withdrawn: bool
    notice: RetractionNature | None = Field(
        description="What became of the work: it was retracted, corrected or doubted. Null after a reinstatement."
    )
    merged_into: UUID | None = Field(description="The item that stands for it too: the rest is about that one.")

    @property
    def is_in_doubt(self) -> bool:
        """Whether those who rely on it should look at it again."""
        return self.withdrawn or self.notice is not None

    @classmethod
    def of(cls, item_id: UUID, references: ProjectReferences) -> Self:
        """Return the view of the item as it stands now."""
        item = standing_item(item_id, references.items)
        return cls.model_validate(
            {
                "item_id": item_id,
                "way_of_knowing": item.way_of_knowing,
                "withdrawn": not item.published,
                "notice": item.notice,
                "merged_into": None if item.id == item_id else item.id,
            }
        )


class AppliedGuide(View):
    """A guide that a project applies; `withdrawn` when it may no longer be relied on."""

    guide_id: UUID
    edition: int | None
    withdrawn: bool
    doubts: list[GuideDoubt] = Field(
        description="`unsupported`: a statement has nothing left to stand on. `doubted`: one is being looked at."
    )

    @property
    def is_in_doubt(self) -> bool:
        """Whether those who rely on it should look at it again."""
        return self.withdrawn or bool(self.doubts)

    @classmethod
    def of(cls, guide: Guide) -> Self:
        """Return the view of the guide as it stands now."""
        return cls.model_validate(
            {
                "guide_id": guide.id,
                "edition": guide.edition,
                "withdrawn": not guide.published,
                "doubts": guide.doubts if guide.published else [],
            }
        )


class ProjectView(View):
    """A project as people see it."""

    id: UUID
    title: str
    model: ProjectModel
    topic: TopicView
    assembly_id: UUID | None
    applies: list[AppliedItem]
    guides: list[AppliedGuide]
    is_in_doubt: bool = Field(description="Something that it applies was withdrawn or retracted, or is in doubt.")
    outcomes: int
    created_at: datetime

    @classmethod
    def of(cls, project: Project, references: ProjectReferences) -> Self:
        """Return the project with what it refers to."""
        items = [AppliedItem.of(item_id, references) for item_id in project.applies]
        guides = [AppliedGuide.of(references.guides[guide_id]) for guide_id in project.guide_ids]
        fields = project.model_dump() | {
            "topic": TopicView.model_validate(references.topics[project.topic_id]),
            "applies": items,
            "guides": guides,
            "is_in_doubt": any(applied.is_in_doubt for applied in (*items, *guides)),
        }
        return cls.model_validate(fields)


@dataclass(frozen=True, slots=True)
class ProjectVersion:
    """The version of what `ProjectView.of` shows: that of the topic's row counts the questions asked about it."""

    project: Project
    references: ProjectReferences

    @property
    def version(self) -> int:
        return digest_of(ProjectView.of(self.project, self.references).model_dump_json())
