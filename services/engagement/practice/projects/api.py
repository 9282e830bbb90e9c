"""Support projects by HTTP: start one from evidence, record what it changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.callers import Anyone, ProjectStaffOrPartner
from services.engagement.meetings.assemblies.queries import known_assemblies
from services.engagement.practice.projects import queries, rules
from services.engagement.practice.projects.tables import Outcome, Project
from services.engagement.replicas.guides.queries import known_guides
from services.engagement.replicas.guides.tables import Guide
from services.engagement.replicas.items.queries import known_items
from services.engagement.replicas.items.tables import Item
from services.engagement.replicas.topics.queries import known_topics
from services.engagement.replicas.topics.rules import TopicView, seen, unknown_topic
from services.engagement.replicas.topics.tables import Topic
from shared.callers import Caller, Role
from shared.disclosure import FewerThan, people
from shared.events.contracts.engagement import OutcomeDirection, ProjectModel
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import FieldError, Invalid, documented
from shared.views import Body, View

projects = create_router("/v1/projects", "Projects")
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


class OutcomeRequest(Body):
    """A change that was measured. The note is for staff alone."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"measure": "breaks_for_carers", "direction": "better", "people_affected": 120}}
    )

    measure: rules.Measure
    direction: OutcomeDirection
    people_affected: int = Field(ge=0, le=100_000_000)
    note: str | None = Field(default=None, max_length=2000)


class OutcomeView(View):
    """An outcome as people see it; `note` is shown to staff, and so are numbers of people from 1 to 4."""

    id: UUID
    project_id: UUID
    measure: str
    direction: OutcomeDirection
    people_affected: int | FewerThan
    note: str | None
    created_at: datetime


def shown(project: Project, topic: Topic, items: Mapping[UUID, Item], guides: Mapping[UUID, Guide]) -> ProjectView:
    applied = [
        AppliedItem(item_id=item.id, way_of_knowing=item.way_of_knowing, withdrawn=not item.published)
        for item in (items[item_id] for item_id in project.applies)
    ]
    followed = [
        AppliedGuide(guide_id=guide.id, edition=guide.edition, withdrawn=not guide.published)
        for guide in (guides[guide_id] for guide_id in project.guide_ids)
    ]
    told = project.model_dump() | {"topic": TopicView.model_validate(topic), "applies": applied, "guides": followed}
    return ProjectView.model_validate(told)


async def _shown(session: AsyncSession, projects: Iterable[Project]) -> list[ProjectView]:
    found = list(projects)
    topics = await known_topics(session, {project.topic_id for project in found})
    items = await known_items(session, {item for project in found for item in project.applies})
    guides = await known_guides(session, {guide for project in found for guide in project.guide_ids})
    return [shown(project, topics[project.topic_id], items, guides) for project in found]


@projects.post("", status_code=201, response_model=ProjectView, responses=documented(Invalid))
async def start_project(
    body: ProjectRequest, caller: ProjectStaffOrPartner, uow: Transaction, response: Response
) -> ProjectView:
    """Start practical support from evidence, or a guide to it, that is published."""
    topics = await known_topics(uow.session, [body.topic_id])
    items = await known_items(uow.session, body.applies)
    guides = await known_guides(uow.session, body.guide_ids)
    errors = rules.wrong_items(body.applies, items) + rules.wrong_guides(body.guide_ids, guides)
    if not body.applies and not body.guide_ids:
        errors.append(FieldError(pointer="/applies", detail="Say which evidence or which guide this project applies."))
    if not topics:
        errors.append(unknown_topic("/topic_id"))
    if body.assembly_id and not await known_assemblies(uow.session, [body.assembly_id]):
        errors.append(FieldError(pointer="/assembly_id", detail="There is no assembly with this id."))
    if errors:
        raise Invalid(errors=errors)
    project = Project(**body.model_dump())
    uow.save(project)
    uow.publish(rules.started(project))
    await uow.session.flush()
    topic = topics[body.topic_id]
    set_etag(response, seen(project, topic, *items.values(), *guides.values()))
    response.headers["Location"] = f"/v1/projects/{project.id}"
    return shown(project, topic, items, guides)


@projects.get("", response_model=Page[ProjectView])
async def list_projects(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    topic: Annotated[UUID | None, Query()] = None,
    assembly: Annotated[UUID | None, Query()] = None,
) -> Page[ProjectView]:
    """Projects, the newest first."""
    statement = queries.projects_with(topic, assembly)
    page = await paginate(session, statement, paging, key=queries.NEWEST, view=_itself, descending=True)
    return Page(items=await _shown(session, page.items), next=page.next, total=page.total)


def _itself(project: Project) -> Project:
    return project


@projects.get("/{project_id}", response_model=ProjectView, responses=documented(queries.ProjectNotFound))
async def get_project(project_id: UUID, caller: Anyone, session: Reading, response: Response) -> ProjectView:
    """One project, and whether the evidence that it applies still stands."""
    project = await queries.project(session, project_id)
    topic = (await known_topics(session, [project.topic_id]))[project.topic_id]
    items = await known_items(session, project.applies)
    guides = await known_guides(session, project.guide_ids)
    set_etag(response, seen(project, topic, *items.values(), *guides.values()))
    return shown(project, topic, items, guides)


@projects.post(
    "/{project_id}/outcomes",
    status_code=201,
    response_model=OutcomeView,
    responses=documented(queries.ProjectNotFound),
)
async def record_outcome(
    project_id: UUID, body: OutcomeRequest, caller: ProjectStaffOrPartner, uow: Transaction, response: Response
) -> Outcome:
    """Record what a project changed in practice."""
    project = await queries.lock_project(uow.session, project_id)
    outcome = Outcome(project_id=project.id, **body.model_dump(mode="json"))
    uow.save(outcome)
    uow.publish(rules.record_outcome(project, outcome), of=project)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/projects/{project.id}/outcomes/{outcome.id}"
    return outcome


@projects.get("/{project_id}/outcomes", response_model=Page[OutcomeView], responses=documented(queries.ProjectNotFound))
async def list_outcomes(project_id: UUID, caller: Anyone, session: Reading, paging: Paging) -> Page[OutcomeView]:
    """What a project changed, the first outcome first."""
    await queries.project(session, project_id)
    view = partial(_outcome_for, caller)
    return await paginate(session, queries.outcomes_of(project_id), paging, key=queries.OLDEST_OUTCOME, view=view)


@projects.get(
    "/{project_id}/outcomes/{outcome_id}", response_model=OutcomeView, responses=documented(queries.OutcomeNotFound)
)
async def get_outcome(project_id: UUID, outcome_id: UUID, caller: Anyone, session: Reading) -> OutcomeView:
    """One outcome of a project."""
    return _outcome_for(caller, await queries.outcome(session, project_id, outcome_id))


def _outcome_for(caller: Caller, outcome: Outcome) -> OutcomeView:
    told = OutcomeView.model_validate(outcome)
    if caller.has(Role.FACILITATOR, Role.ENGAGEMENT_OFFICER):
        return told
    few = people(outcome.people_affected, rules.SMALLEST_NUMBER)
    return told.model_copy(update={"note": None, "people_affected": few})
