"""Bodies and views of support projects."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from services.engagement.practice.projects.queries import ProjectReferences
from services.engagement.practice.projects.tables import Project
from services.engagement.replicas.topics.views import TopicView
from shared.events.contracts.engagement import ProjectModel
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


class AppliedGuide(View):
    """A guide that a project applies; `withdrawn` when it may no longer be relied on."""

    guide_id: UUID
    edition: int | None
    withdrawn: bool


class ProjectView(View):
    """A project as people see it."""

    id: UUID
    title: str
    model: ProjectModel
    topic: TopicView
    assembly_id: UUID | None
    applies: list[AppliedItem]
    guides: list[AppliedGuide]
    outcomes: int
    created_at: datetime

    @classmethod
    def of(cls, project: Project, references: ProjectReferences) -> Self:
        """Return the project with what it refers to."""
        items = [references.items[item_id] for item_id in project.applies]
        guides = [references.guides[guide_id] for guide_id in project.guide_ids]
        fields = project.model_dump() | {
            "topic": TopicView.model_validate(references.topics[project.topic_id]),
            "applies": [
                AppliedItem(item_id=item.id, way_of_knowing=item.way_of_knowing, withdrawn=not item.published)
                for item in items
            ],
            "guides": [
                AppliedGuide(guide_id=guide.id, edition=guide.edition, withdrawn=not guide.published)
                for guide in guides
            ],
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
