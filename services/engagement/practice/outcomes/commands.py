"""Recording of outcomes."""

from uuid import UUID

from services.engagement.practice.outcomes import rules
from services.engagement.practice.outcomes.tables import Outcome
from services.engagement.practice.outcomes.views import OutcomeRequest
from services.engagement.practice.projects.queries import ProjectNotFound
from services.engagement.practice.projects.tables import Project
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def record_outcome(uow: UnitOfWork, project_id: UUID, body: OutcomeRequest) -> Outcome:
    """Record what a project changed in practice, and publish it without the note. Raises ProjectNotFound."""
    project = await fetch(uow.session, Project, project_id, missing=ProjectNotFound, key_share=True)
    outcome = Outcome(project_id=project.id, **body.model_dump(mode="json"))
    uow.save(outcome)
    uow.publish(rules.record(project, outcome), of=project)
    return outcome
