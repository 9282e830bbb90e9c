"""Support projects by HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.engagement.callers import Anyone, ProjectStaffOrPartner
from services.engagement.practice.projects import commands, queries
from services.engagement.practice.projects.tables import Project
from services.engagement.practice.projects.views import ProjectRequest, ProjectVersion, ProjectView
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, documented

router = create_router("/v1/projects", "Projects")


@router.post("", status_code=201, response_model=ProjectView, responses=documented(Invalid))
async def create_project(
    body: ProjectRequest, _caller: ProjectStaffOrPartner, uow: Transaction, response: Response
) -> ProjectView:
    """Start practical support from evidence, or a guide to it, that is published."""
    project, references = await commands.create_project(uow, body)
    await flush_and_tag(uow, response, ProjectVersion(project, references), location=f"/v1/projects/{project.id}")
    return ProjectView.of(project, references)


@router.get("", response_model=Page[ProjectView])
async def list_projects(
    _caller: Anyone,
    session: Reading,
    paging: Paging,
    topic: Annotated[UUID | None, Query()] = None,
    assembly: Annotated[UUID | None, Query()] = None,
) -> Page[ProjectView]:
    """List projects, the newest first."""
    statement = queries.select_projects(topic, assembly)
    page = await paginate(session, statement, paging, key=queries.NEWEST, view=_row, descending=True)
    references = await queries.get_references(session, page.items)
    items = [ProjectView.of(project, references) for project in page.items]
    return Page(items=items, next=page.next, total=page.total)


def _row(project: Project) -> Project:
    return project


@router.get("/{project_id}", response_model=ProjectView, responses=documented(queries.ProjectNotFound))
async def get_project(project_id: UUID, _caller: Anyone, session: Reading, response: Response) -> ProjectView:
    """Return one project, and whether what it applies was withdrawn, retracted or is in doubt."""
    project = await fetch(session, Project, project_id, missing=queries.ProjectNotFound)
    references = await queries.get_references(session, [project])
    set_etag(response, ProjectVersion(project, references))
    return ProjectView.of(project, references)
