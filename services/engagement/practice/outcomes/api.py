"""Outcomes by HTTP."""

from functools import partial
from uuid import UUID

from fastapi import Response

from services.engagement.callers import Anyone, ProjectStaffOrPartner
from services.engagement.practice.outcomes import commands, queries
from services.engagement.practice.outcomes.tables import Outcome
from services.engagement.practice.outcomes.views import OutcomeRequest, OutcomeView
from services.engagement.practice.projects.queries import ProjectNotFound
from services.engagement.practice.projects.tables import Project
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import documented

router = create_router("/v1/projects/{project_id}/outcomes", "Projects")


@router.post("", status_code=201, response_model=OutcomeView, responses=documented(ProjectNotFound))
async def create_outcome(
    project_id: UUID, body: OutcomeRequest, _caller: ProjectStaffOrPartner, uow: Transaction, response: Response
) -> Outcome:
    """Record what a project changed in practice."""
    outcome = await commands.record_outcome(uow, project_id, body)
    response.headers["Location"] = f"/v1/projects/{project_id}/outcomes/{outcome.id}"
    return outcome


@router.get("", response_model=Page[OutcomeView], responses=documented(ProjectNotFound))
async def list_outcomes(project_id: UUID, caller: Anyone, session: Reading, paging: Paging) -> Page[OutcomeView]:
    """List what a project changed, the first outcome first."""
    await fetch(session, Project, project_id, missing=ProjectNotFound)
    view = partial(OutcomeView.for_caller, caller)
    return await paginate(session, queries.select_outcomes(project_id), paging, key=queries.OLDEST, view=view)


@router.get("/{outcome_id}", response_model=OutcomeView, responses=documented(queries.OutcomeNotFound))
async def get_outcome(project_id: UUID, outcome_id: UUID, caller: Anyone, session: Reading) -> OutcomeView:
    """Return one outcome of a project."""
    return OutcomeView.for_caller(caller, await queries.get_outcome(session, project_id, outcome_id))
