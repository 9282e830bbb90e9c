"""Changes of support projects."""

from typing import NamedTuple

from services.engagement.meetings.assemblies.queries import assembly_exists
from services.engagement.practice.projects import queries, rules
from services.engagement.practice.projects.queries import ProjectReferences
from services.engagement.practice.projects.tables import Project
from services.engagement.practice.projects.views import ProjectRequest
from services.engagement.replicas.topics.rules import unknown_topic
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


class ProjectWithReferences(NamedTuple):
    """A project and what it refers to."""

    project: Project
    references: ProjectReferences


async def create_project(uow: UnitOfWork, body: ProjectRequest) -> ProjectWithReferences:
    """Start a project that applies published evidence or guides. Raises Invalid with all that is wrong."""
    project = Project(**body.model_dump())
    references = await queries.get_references(uow.session, [project])
    errors = rules.item_errors(project.applies, references.items)
    errors += rules.guide_errors(project.guide_ids, references.guides)
    if not project.applies and not project.guide_ids:
        errors.append(FieldError(pointer="/applies", detail="Say which evidence or which guide this project applies."))
    if project.topic_id not in references.topics:
        errors.append(unknown_topic("/topic_id"))
    if project.assembly_id and not await assembly_exists(uow.session, project.assembly_id):
        errors.append(FieldError(pointer="/assembly_id", detail="There is no assembly with this id."))
    if errors:
        raise Invalid(errors=errors)
    uow.save(project)
    uow.publish(rules.started(project))
    return ProjectWithReferences(project, references)
