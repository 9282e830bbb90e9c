"""Reads of support projects."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.practice.projects.tables import Project
from services.engagement.replicas.guides.queries import list_guides
from services.engagement.replicas.guides.tables import Guide
from services.engagement.replicas.items.queries import list_items
from services.engagement.replicas.items.tables import Item
from services.engagement.replicas.topics.queries import list_topics
from services.engagement.replicas.topics.tables import Topic
from shared.problems import NotFound

NEWEST = (col(Project.created_at), col(Project.id))


class ProjectNotFound(NotFound):
    title = "There is no such project"
    detail = "Check the id, or look in the list of projects."


class ProjectReferences(NamedTuple):
    """What projects refer to, by id."""

    topics: Mapping[UUID, Topic]
    items: Mapping[UUID, Item]
    guides: Mapping[UUID, Guide]


def select_projects(topic_id: UUID | None, assembly_id: UUID | None) -> SelectOfScalar[Project]:
    """Select the projects about this topic and grown from this assembly, where given."""
    statement = select(Project)
    if topic_id:
        statement = statement.where(Project.topic_id == topic_id)
    return statement.where(Project.assembly_id == assembly_id) if assembly_id else statement


async def get_references(session: AsyncSession, projects: Sequence[Project]) -> ProjectReferences:
    """Return the topics, items and guides that the projects refer to."""
    return ProjectReferences(
        await list_topics(session, {project.topic_id for project in projects}),
        await list_items(session, {item_id for project in projects for item_id in project.applies}),
        await list_guides(session, {guide_id for project in projects for guide_id in project.guide_ids}),
    )
