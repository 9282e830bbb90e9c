"""Harvests over HTTP: name a source, follow its runs, look at what could not be taken."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.callers import EditorOrPartner
from services.evidence.exchange.harvests import queries, rules
from services.evidence.exchange.harvests.fetching import Forbidden, check
from services.evidence.exchange.harvests.protocol import NotAnAnswer, reread
from services.evidence.exchange.harvests.tables import Harvest, HarvestRun, QuarantinedRecord
from services.evidence.exchange.harvests.taking import take_records
from services.evidence.library.items.queries import unknown_topics
from shared import clock
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.merge_patch import merge_patch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import FieldError, Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body, Job, View

router = create_router("/v1/harvests", "harvests")

SHOWN = 20_000
NOT_THERE = (rules.HarvestNotFound, rules.HarvestRemoved)
SetSpec = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*$", max_length=500)
]
EveryHours = Annotated[int, Field(ge=1, le=24 * 366)]
Patch = Annotated[
    dict[str, Any],
    FromBody(
        media_type="application/merge-patch+json",
        description="RFC 7396: `topics`, `publish`, `every_hours` (null: asked when you say so, not by itself).",
    ),
]


class HarvestSettings(Body):
    topics: list[UUID] = Field(default=[], max_length=20, description="What new items are filed under.")
    publish: bool = Field(default=False, description="Publish new items at once; else they are drafts.")
    every_hours: EveryHours | None = Field(
        default=None, description="How often the source is asked; null: when you say."
    )


class NewHarvest(HarvestSettings):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"base_url": "https://repository.example.org/oai", "set_spec": "social-care", "every_hours": 24}
        }
    )

    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$", max_length=2_000)]
    metadata_prefix: Literal["oai_dc", "oai_datacite"] = "oai_dc"
    set_spec: SetSpec | None = Field(default=None, description="Only this set of the source.")


class HarvestRunView(Job):
    """A harvest from its first page to its last: `done` of `total` records, as far as the source says how many.

    Always received = created + matched + changed + deleted + quarantined.
    """

    status: Literal["running", "done", "failed"]  # pyright: ignore[reportIncompatibleVariableOverride]  fewer
    asked_from: str | None
    pages: int
    received: int
    created: int = Field(description="New items.")
    matched: int = Field(description="Works that the library has already, and records that say what they said before.")
    changed: int = Field(description="Items that say what the source says now.")
    deleted: int = Field(description="Records that the source calls deleted.")
    quarantined: int = Field(description="Records that could not be taken.")
    finished_at: datetime | None


class HarvestView(View):
    id: UUID
    base_url: str
    metadata_prefix: str
    set_spec: str | None
    topics: list[UUID]
    publish: bool
    every_hours: int | None
    next_at: datetime | None = Field(description="When the next run begins; null while one is under way.")
    since: str | None = Field(description="From when the next run asks for changes.")
    last_run: HarvestRunView | None
    created_at: datetime


class QuarantinedView(View):
    """A record that could not be taken, as it came."""

    id: UUID
    identifier: str
    reason: str
    raw: str = Field(description="At most the first 20,000 characters.")
    run_id: UUID
    created_at: datetime
    updated_at: datetime


class Retried(View):
    """What became of it."""

    created: int
    matched: int
    changed: int
    deleted: int


@router.post("", status_code=201, response_model=HarvestView, responses=documented(rules.SourceNotAllowed, Invalid))
async def add_harvest(
    new: NewHarvest, request: Request, caller: EditorOrPartner, uow: Transaction, response: Response
) -> HarvestView:
    """Name a source. Its first run begins at once, in the background."""
    try:
        check(new.base_url, private=request.app.state.settings.harvest_private_addresses)
    except Forbidden as error:
        raise rules.SourceNotAllowed(errors=[FieldError(pointer="/base_url", detail=str(error))]) from error
    await _check_topics(uow.session, new.topics)
    harvest = Harvest(
        **new.model_dump(),
        harvester_id=caller.id,
        harvester_kind="client" if caller.kind == "client" else "person",
        next_at=clock.now(),
    )
    uow.save(harvest)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/harvests/{harvest.id}"
    set_etag(response, harvest)
    return _view(harvest, None)


@router.get("", response_model=Page[HarvestView])
async def list_harvests(caller: EditorOrPartner, session: Reading, paging: Paging) -> Page[HarvestView]:
    """Every source, the newest first."""
    page = await paginate(
        session, queries.all_harvests(), paging, key=(col(Harvest.id),), view=lambda found: found, descending=True
    )
    runs = await queries.runs(session, {found.run_id for found in page.items if found.run_id})
    return Page(items=[_view(found, runs.get(found.run_id)) for found in page.items], next=page.next, total=page.total)


@router.get("/{harvest_id}", response_model=HarvestView, responses=documented(*NOT_THERE))
async def get_harvest(harvest_id: UUID, caller: EditorOrPartner, session: Reading, response: Response) -> HarvestView:
    """A source, when it is asked next, and how the last run went."""
    harvest = await queries.harvest_of(session, harvest_id)
    set_etag(response, harvest)
    return await _whole(session, harvest)


@router.patch(
    "/{harvest_id}",
    response_model=HarvestView,
    responses=documented(*NOT_THERE, Invalid, PreconditionFailed, PreconditionRequired),
)
async def change_harvest(
    harvest_id: UUID, patch: Patch, match: IfMatch, caller: EditorOrPartner, uow: Transaction, response: Response
) -> HarvestView:
    """Change what becomes of what it brings, or how often it is asked."""
    harvest = await queries.harvest_of(uow.session, harvest_id, lock=True)
    match.check(harvest)
    stood = {name: getattr(harvest, name) for name in HarvestSettings.model_fields}
    try:
        settings = HarvestSettings.model_validate(merge_patch(stood, patch))
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error
    await _check_topics(uow.session, settings.topics)
    if settings.every_hours != harvest.every_hours and await queries.running(uow.session, harvest_id) is None:
        harvest.next_at = None if settings.every_hours is None else clock.now()
    harvest.topics, harvest.publish, harvest.every_hours = settings.topics, settings.publish, settings.every_hours
    await uow.session.flush()
    set_etag(response, harvest)
    return await _whole(uow.session, harvest)


@router.delete(
    "/{harvest_id}", status_code=204, responses=documented(*NOT_THERE, PreconditionFailed, PreconditionRequired)
)
async def remove_harvest(harvest_id: UUID, match: IfMatch, caller: EditorOrPartner, uow: Transaction) -> None:
    """Ask this source no more. A run under way ends, and the quarantine goes; what came of the source stays."""
    harvest = await queries.harvest_of(uow.session, harvest_id)
    await queries.forget_all_of(uow.session, harvest)
    match.check(harvest)
    harvest.removed_at, harvest.next_at, harvest.run_id = clock.now(), None, None


@router.post(
    "/{harvest_id}/runs",
    status_code=202,
    response_model=HarvestView,
    responses=documented(*NOT_THERE, rules.HarvestUnderWay),
)
async def harvest_now(harvest_id: UUID, caller: EditorOrPartner, uow: Transaction, response: Response) -> HarvestView:
    """Ask the source now, whatever the plan is. The run appears at the Location within seconds."""
    harvest = await queries.harvest_of(uow.session, harvest_id, lock=True)
    if await queries.running(uow.session, harvest_id) is not None:
        raise rules.HarvestUnderWay(harvest_id=harvest_id)
    harvest.next_at = clock.now()
    await uow.session.flush()
    response.headers["Location"] = f"/v1/harvests/{harvest_id}/runs"
    return await _whole(uow.session, harvest)


@router.get("/{harvest_id}/runs", response_model=Page[HarvestRunView], responses=documented(*NOT_THERE))
async def list_runs(
    harvest_id: UUID, caller: EditorOrPartner, session: Reading, paging: Paging
) -> Page[HarvestRunView]:
    """Every run of a source, the newest first."""
    await queries.harvest_of(session, harvest_id)
    runs = queries.runs_of(harvest_id)
    return await paginate(session, runs, paging, key=(col(HarvestRun.id),), view=_run_view, descending=True)


@router.get("/{harvest_id}/quarantine", response_model=Page[QuarantinedView], responses=documented(*NOT_THERE))
async def list_quarantine(
    harvest_id: UUID, caller: EditorOrPartner, session: Reading, paging: Paging
) -> Page[QuarantinedView]:
    """The records that could not be taken, each as it came and with the reason."""
    await queries.harvest_of(session, harvest_id)
    kept = queries.quarantine_of(harvest_id)
    return await paginate(session, kept, paging, key=(col(QuarantinedRecord.id),), view=_quarantined_view)


@router.post(
    "/{harvest_id}/quarantine/{record_id}/retry",
    response_model=Retried,
    responses=documented(*NOT_THERE, rules.QuarantinedNotFound, rules.StillNotTaken),
)
async def retry_record(harvest_id: UUID, record_id: UUID, caller: EditorOrPartner, uow: Transaction) -> rules.Counts:
    """Try to take a record once more, after whatever stood in its way has been put right."""
    harvest = await queries.harvest_of(uow.session, harvest_id)
    kept = await queries.quarantined(uow.session, harvest_id, record_id)
    try:
        found = reread(kept.raw)
    except NotAnAnswer as error:
        raise rules.StillNotTaken(str(error)) from error
    counts = await take_records(uow, harvest, kept.run_id, [found])
    if counts.quarantined:
        await uow.session.refresh(kept)
        raise rules.StillNotTaken(kept.reason)
    return counts


async def _check_topics(session: AsyncSession, topics: list[UUID]) -> None:
    if unknown := await unknown_topics(session, topics):
        detail = "There is no such topic. The list is at /v1/topics."
        raise Invalid(errors=[FieldError(pointer=f"/topics/{place}", detail=detail) for place in unknown])


async def _whole(session: AsyncSession, harvest: Harvest) -> HarvestView:
    runs = await queries.runs(session, [harvest.run_id] if harvest.run_id else [])
    return _view(harvest, next(iter(runs.values()), None))


def _view(harvest: Harvest, run: HarvestRun | None) -> HarvestView:
    return HarvestView.model_validate({**harvest.model_dump(), "last_run": _run_view(run) if run else None})


def _quarantined_view(kept: QuarantinedRecord) -> QuarantinedView:
    return QuarantinedView.model_validate({**kept.model_dump(), "raw": kept.raw[:SHOWN]})


def _run_view(run: HarvestRun) -> HarvestRunView:
    counted = {"done": run.received, "total": run.list_size, "problems": rules.problems(run)}
    return HarvestRunView.model_validate({**run.model_dump(), **counted})
