"""Harvests over HTTP: add a source, follow its runs, see the records in quarantine."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.callers import EditorOrPartner
from services.evidence.exchange.harvests import commands, queries, rules
from services.evidence.exchange.harvests.records.queries import records_of
from services.evidence.exchange.harvests.records.views import HarvestRecordView
from services.evidence.exchange.harvests.tables import Harvest, HarvestRun, QuarantinedRecord
from services.evidence.exchange.harvests.views import (
    HarvestRunView,
    HarvestView,
    NewHarvest,
    QuarantinedRecordView,
    RetriedRecordView,
)
from services.evidence.library.provenance.tables import HarvestOutcome, harvest_run_records
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/harvests", "Harvests")

MISSING = (queries.HarvestNotFound, rules.HarvestRemoved)
Patch = Annotated[
    dict[str, Any],
    FromBody(
        media_type="application/merge-patch+json",
        description="RFC 7396: `topics`, `publish`, `every_hours` (null: harvested only when a run is requested).",
    ),
]


@router.post("", status_code=201, response_model=HarvestView, responses=documented(rules.SourceNotAllowed, Invalid))
async def create_harvest(
    new: NewHarvest, request: Request, caller: EditorOrPartner, uow: Transaction, response: Response
) -> HarvestView:
    """Add a source. Its first run begins at once, in the background."""
    allow_private = request.app.state.settings.harvest_private_addresses
    harvest = await commands.create_harvest(uow, new, caller, allow_private=allow_private)
    await flush_and_tag(uow, response, harvest, location=f"/v1/harvests/{harvest.id}")
    return HarvestView.of(harvest, None)


@router.get("", response_model=Page[HarvestView])
async def list_harvests(_caller: EditorOrPartner, session: Reading, paging: Paging) -> Page[HarvestView]:
    """List every source, newest first."""
    key = (col(Harvest.id),)
    page = await paginate(
        session, queries.all_harvests(), paging, key=key, view=lambda harvest: harvest, descending=True
    )
    runs = await queries.runs_by_id(session, {harvest.run_id for harvest in page.items if harvest.run_id})
    harvests = [HarvestView.of(harvest, runs.get(harvest.run_id)) for harvest in page.items]
    return Page(items=harvests, next=page.next, total=page.total)


@router.get("/{harvest_id}", response_model=HarvestView, responses=documented(*MISSING))
async def get_harvest(harvest_id: UUID, _caller: EditorOrPartner, session: Reading, response: Response) -> HarvestView:
    """Show a source, when it is harvested next, and how the last run went."""
    harvest = await queries.get_harvest(session, harvest_id)
    set_etag(response, harvest)
    return await _view(session, harvest)


@router.patch(
    "/{harvest_id}",
    response_model=HarvestView,
    responses=documented(*MISSING, Invalid, PreconditionFailed, PreconditionRequired),
)
async def update_harvest(
    harvest_id: UUID, patch: Patch, match: IfMatch, _caller: EditorOrPartner, uow: Transaction, response: Response
) -> HarvestView:
    """Change what becomes of a source's records, or how often it is harvested."""
    harvest = await commands.update_harvest(uow, harvest_id, patch, match)
    return await _view(uow.session, await flush_and_tag(uow, response, harvest))


@router.delete(
    "/{harvest_id}", status_code=204, responses=documented(*MISSING, PreconditionFailed, PreconditionRequired)
)
async def delete_harvest(harvest_id: UUID, match: IfMatch, _caller: EditorOrPartner, uow: Transaction) -> None:
    """Stop harvesting a source. Its runs and quarantined records are deleted; the items that it brought stay."""
    await commands.delete_harvest(uow, harvest_id, match)


@router.post(
    "/{harvest_id}/runs",
    status_code=202,
    response_model=HarvestView,
    responses=documented(*MISSING, rules.HarvestRunning),
)
async def create_harvest_run(
    harvest_id: UUID, _caller: EditorOrPartner, uow: Transaction, response: Response
) -> HarvestView:
    """Harvest a source now, whatever its schedule. The run appears at the Location within seconds."""
    harvest = await commands.request_run(uow, harvest_id)
    response.headers["Location"] = f"/v1/harvests/{harvest_id}/runs"
    return await _view(uow.session, harvest)


@router.get("/{harvest_id}/runs", response_model=Page[HarvestRunView], responses=documented(*MISSING))
async def list_harvest_runs(
    harvest_id: UUID, _caller: EditorOrPartner, session: Reading, paging: Paging
) -> Page[HarvestRunView]:
    """List every run of a source, newest first."""
    await queries.get_harvest(session, harvest_id)
    runs, key = queries.runs_of(harvest_id), (col(HarvestRun.id),)
    return await paginate(session, runs, paging, key=key, view=HarvestRunView.of, descending=True)


@router.get("/{harvest_id}/records", response_model=Page[HarvestRecordView], responses=documented(*MISSING))
async def list_harvest_records(
    harvest_id: UUID,
    caller: EditorOrPartner,
    session: Reading,
    paging: Paging,
    outcome: Annotated[HarvestOutcome | None, Query(description="Only records of which this became.")] = None,
) -> Page[HarvestRecordView]:
    """List what became of each record that was new or had changed, and what it gave an item that was there before."""
    await queries.get_own_harvest(session, harvest_id, caller)
    statement = records_of(harvest_id, [] if outcome is None else [outcome])
    return await paginate(session, statement, paging, key=(harvest_run_records.c.number,), view=HarvestRecordView)


@router.get(
    "/{harvest_id}/quarantined-records",
    response_model=Page[QuarantinedRecordView],
    responses=documented(*MISSING),
)
async def list_quarantined_records(
    harvest_id: UUID, _caller: EditorOrPartner, session: Reading, paging: Paging
) -> Page[QuarantinedRecordView]:
    """List the records that could not be stored, each as it came, with the reason."""
    await queries.get_harvest(session, harvest_id)
    records, key = queries.quarantine_of(harvest_id), (col(QuarantinedRecord.id),)
    return await paginate(session, records, paging, key=key, view=QuarantinedRecordView.of)


@router.post(
    "/{harvest_id}/quarantined-records/{record_id}/retry",
    response_model=RetriedRecordView,
    responses=documented(*MISSING, queries.QuarantinedRecordNotFound, rules.StillQuarantined),
)
async def retry_quarantined_record(
    harvest_id: UUID, record_id: UUID, _caller: EditorOrPartner, uow: Transaction
) -> rules.RecordCounts:
    """Try again to store a record, once the reason is removed."""
    return await commands.retry_record(uow, harvest_id, record_id)


async def _view(session: AsyncSession, harvest: Harvest) -> HarvestView:
    runs = await queries.runs_by_id(session, [harvest.run_id] if harvest.run_id else [])
    return HarvestView.of(harvest, next(iter(runs.values()), None))
