"""Assemblies by HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.engagement.callers import Anyone, OfficerOrAssemblyPartner, manages_assemblies
from services.engagement.meetings.assemblies import commands, queries
from services.engagement.meetings.assemblies.tables import Assembly, AssemblyStatus
from services.engagement.meetings.assemblies.views import AssemblyPatch, AssemblyRequest, AssemblyView
from services.engagement.replicas.topics.queries import get_topic, list_topics
from shared import clock
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, combined, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/assemblies", "Assemblies")


@router.post("", status_code=201, response_model=AssemblyView, responses=documented(Invalid))
async def create_assembly(
    body: AssemblyRequest, _caller: OfficerOrAssemblyPartner, uow: Transaction, response: Response
) -> AssemblyView:
    """Plan an assembly. Registration opens by itself once funding has reserved the money."""
    assembly, topic = await commands.create_assembly(uow, body)
    await flush_and_tag(uow, response, combined(assembly, topic), location=f"/v1/assemblies/{assembly.id}")
    return AssemblyView.of(assembly, topic)


@router.get("", response_model=Page[AssemblyView])
async def list_assemblies(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    status: Annotated[AssemblyStatus | None, Query()] = None,
    topic: Annotated[UUID | None, Query()] = None,
    upcoming: Annotated[bool, Query(description="Only those that have not ended.")] = False,
) -> Page[AssemblyView]:
    """List assemblies by their day, the latest first. One that has ended is still `open`: see `upcoming`."""
    statement = queries.select_assemblies(status, topic, ends_after=clock.now() if upcoming else None)
    page = await paginate(session, statement, paging, key=queries.BY_DAY, view=_row, descending=True)
    topics = await list_topics(session, {assembly.topic_id for assembly in page.items})
    items = [AssemblyView.for_caller(caller, assembly, topics[assembly.topic_id]) for assembly in page.items]
    return Page(items=items, next=page.next, total=page.total)


def _row(assembly: Assembly) -> Assembly:
    return assembly


@router.get("/{assembly_id}", response_model=AssemblyView, responses=documented(queries.AssemblyNotFound))
async def get_assembly(assembly_id: UUID, caller: Anyone, session: Reading, response: Response) -> AssemblyView:
    """Return one assembly, and how many places are left."""
    assembly = await fetch(session, Assembly, assembly_id, missing=queries.AssemblyNotFound)
    topic = await get_topic(session, assembly.topic_id)
    if manages_assemblies(caller):
        # The public view has no version as its ETag: a browser that cached it and signs in would be answered 304.
        set_etag(response, combined(assembly, topic))
    return AssemblyView.for_caller(caller, assembly, topic)


@router.patch(
    "/{assembly_id}",
    response_model=AssemblyView,
    responses=documented(queries.AssemblyNotFound, Invalid, PreconditionFailed, PreconditionRequired),
)
async def update_assembly(
    assembly_id: UUID,
    body: AssemblyPatch,
    _caller: OfficerOrAssemblyPartner,
    match: IfMatch,
    uow: Transaction,
    response: Response,
) -> AssemblyView:
    """Change what costs nothing: the title, the time of day, the place."""
    assembly, topic = await commands.update_assembly(uow, assembly_id, body, match)
    await flush_and_tag(uow, response, combined(assembly, topic))
    return AssemblyView.of(assembly, topic)
