"""Appraisals over HTTP: open one, judge, settle what differs, and see how far people agree."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict, Field, StringConstraints
from sqlmodel import col

from services.evidence.callers import Anyone, Editor
from services.evidence.library.appraisals import queries, rules, views
from services.evidence.library.appraisals.instruments import INSTRUMENTS, Answer
from services.evidence.library.appraisals.tables import Appraisal
from services.evidence.library.items import queries as item_queries
from services.evidence.library.items.problems import ItemMerged, ItemNotFound, ItemStandsElsewhere, ItemWithdrawn
from services.evidence.library.items.rules import check_may_see, is_editor
from shared import clock
from shared.callers import Caller
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid, documented
from shared.views import Body, View

library = create_router("/v1/evidence/appraisals", "appraisals")
router = create_router("/v1/evidence/{item_id}/appraisals", "appraisals")
routers = (library, router)

Code = Annotated[str, StringConstraints(max_length=10)]
Remark = Annotated[str, StringConstraints(max_length=5_000, strip_whitespace=True)]
NOBODY = Caller()
MAY_SEE = (ItemNotFound, ItemWithdrawn, ItemMerged)
MAY_CHANGE = (ItemNotFound, ItemWithdrawn, ItemStandsElsewhere)


class NewAppraisal(Body):
    model_config = ConfigDict(json_schema_extra={"example": {"instrument": "jbi-narrative"}})

    instrument: Annotated[str, StringConstraints(max_length=40)]


class GivenAnswer(Body):
    criterion: Code
    answer: Answer
    comment: Remark | None = Field(default=None, description="For staff alone.")


class NewJudgement(Body):
    """Your answers to every criterion. They stay as they are, so that both judge independently."""

    answers: Annotated[list[GivenAnswer], Field(max_length=50)]


class SettledAnswer(Body):
    criterion: Code
    answer: Answer
    reason: Annotated[Remark, StringConstraints(min_length=1)] = Field(description="How you came to it: for staff.")


class AppraisalResolution(Body):
    """An answer and a reason for each criterion that the two answered differently."""

    resolutions: Annotated[list[SettledAnswer], Field(max_length=50)]


class Instruments(View):
    """How evidence is appraised, each kind on its own terms."""

    items: list[views.InstrumentView]


class WaitingAppraisal(View):
    """An appraisal that wants a judgement or a resolution."""

    id: UUID
    item_id: UUID
    instrument: str
    state: views.Status = Field(serialization_alias="status")
    edition: int = Field(serialization_alias="appraised_edition")
    current_edition: int
    created_at: datetime


class InstrumentAgreement(View):
    """How far people agree who use one instrument. Instruments are not compared with each other."""

    instrument: str
    appraisals: int
    resolved: int
    agreement: views.AgreementView


class LibraryAgreement(View):
    """How far two appraisers agree, by instrument, over what is published."""

    items: list[InstrumentAgreement]


@library.get("/instruments", response_model=Instruments)
async def list_instruments(caller: Anyone) -> Instruments:
    """Every instrument with its criteria, its source, and what it is for."""
    return Instruments(items=views.instruments(list(INSTRUMENTS.values())))


@library.get("/waiting", response_model=Page[WaitingAppraisal])
async def list_waiting_appraisals(caller: Editor, session: Reading, paging: Paging) -> Page[WaitingAppraisal]:
    """Appraisals that want a judgement or a resolution, the longest waiting first."""
    return await paginate(session, queries.waiting(), paging, key=(col(Appraisal.id),), view=WaitingAppraisal)


@library.get("/agreement", response_model=LibraryAgreement)
async def show_agreement(caller: Anyone, session: Reading) -> LibraryAgreement:
    """How far two people agree who judge by the same instrument, before they talk."""
    pairs = await queries.answers_in_pairs(session)
    return LibraryAgreement(
        items=[
            InstrumentAgreement(
                instrument=row.instrument,
                appraisals=row.appraisals,
                resolved=row.resolved,
                agreement=views.AgreementView.model_validate(rules.agreement(pairs.get(row.instrument, {}))),
            )
            for row in await queries.numbers(session)
        ]
    )


@router.get("", response_model=views.AppraisalList, responses=documented(*MAY_SEE))
async def list_appraisals(item_id: UUID, caller: Anyone, session: Reading, response: Response) -> views.AppraisalList:
    """What two people judged of this item together. Staff also see what is not resolved yet."""
    item = await _item(session, item_id)
    found = await queries.of_item(session, item_id)
    if not is_editor(caller):
        found = [each for each in found if each.state == "resolved"]
    judged = await queries.judgements(session, [each.id for each in found])
    response.headers.update(_cached(caller))
    staff = caller.id if is_editor(caller) else None
    return views.AppraisalList(
        items=[views.view(each, judged.get(each.id, ()), item.edition, staff) for each in found],
        fitting=[each.code for each in rules.fitting(item.way_of_knowing, item.own)],
    )


@router.post(
    "",
    status_code=201,
    response_model=views.AppraisalView,
    responses=documented(*MAY_CHANGE, rules.UnknownInstrument, rules.InstrumentDoesNotFit, rules.AppraisalExists),
)
async def open_appraisal(
    item_id: UUID, new: NewAppraisal, caller: Editor, uow: Transaction, response: Response
) -> views.AppraisalView:
    """Have the edition of today appraised by an instrument that fits its kind. Then two people judge."""
    item = await _item(uow.session, item_id, lock=True)
    appraisal = rules.begin(item_id, item.edition, new.instrument, item.way_of_knowing, item.own)
    if known := await queries.same(uow.session, appraisal):
        raise rules.AppraisalExists(appraisal_id=known)
    uow.save(appraisal)
    response.headers["Location"] = f"/v1/evidence/{item_id}/appraisals/{appraisal.id}"
    return await _answered(uow, appraisal, item.edition, caller)


@router.get(
    "/{appraisal_id}",
    response_model=views.AppraisalView,
    responses=documented(*MAY_SEE, rules.AppraisalNotFound),
)
async def get_appraisal(
    item_id: UUID, appraisal_id: UUID, caller: Anyone, session: Reading, response: Response
) -> views.AppraisalView:
    """One appraisal: when it is resolved, for everyone."""
    item = await _item(session, item_id)
    appraisal = await queries.one(session, item_id, appraisal_id)
    if appraisal.state != "resolved" and not is_editor(caller):
        raise rules.AppraisalNotFound
    judged = await queries.judgements(session, [appraisal_id])
    response.headers.update(_cached(caller))
    staff = caller.id if is_editor(caller) else None
    return views.view(appraisal, judged.get(appraisal_id, ()), item.edition, staff)


@router.post(
    "/{appraisal_id}/judgements",
    status_code=201,
    response_model=views.AppraisalView,
    responses=documented(
        *MAY_CHANGE, rules.AppraisalNotFound, rules.AlreadyJudged, rules.TwoHaveJudged, rules.OwnEvidence, Invalid
    ),
)
async def hand_in_judgement(
    item_id: UUID, appraisal_id: UUID, given: NewJudgement, caller: Editor, uow: Transaction, response: Response
) -> views.AppraisalView:
    """Judge by yourself. You see the other's answers once both are in; where they are alike it is resolved."""
    item = await _item(uow.session, item_id)
    _not_ones_own(item, caller)
    appraisal = await queries.lock(uow.session, item_id, appraisal_id)
    before = (await queries.judgements(uow.session, [appraisal_id])).get(appraisal_id, ())
    _each_once(given.answers, "/answers")
    answers = {each.criterion: each.answer for each in given.answers}
    comments = {each.criterion: each.comment for each in given.answers if each.comment}
    uow.save(rules.hand_in(appraisal, before, caller.id, answers, comments, clock.now()))
    response.headers["Location"] = f"/v1/evidence/{item_id}/appraisals/{appraisal_id}"
    return await _answered(uow, appraisal, item.edition, caller)


@router.post(
    "/{appraisal_id}/resolution",
    response_model=views.AppraisalView,
    responses=documented(*MAY_CHANGE, rules.AppraisalNotFound, rules.NothingToSettle, rules.OwnEvidence, Invalid),
)
async def resolve_appraisal(
    item_id: UUID, appraisal_id: UUID, given: AppraisalResolution, caller: Editor, uow: Transaction
) -> views.AppraisalView:
    """Settle what differs, with a reason for each: one of the two after talking, or a third person."""
    item = await _item(uow.session, item_id)
    _not_ones_own(item, caller)
    appraisal = await queries.lock(uow.session, item_id, appraisal_id)
    judged = (await queries.judgements(uow.session, [appraisal_id])).get(appraisal_id, ())
    _each_once(given.resolutions, "/resolutions")
    answers = {each.criterion: each.answer for each in given.resolutions}
    reasons = {each.criterion: each.reason for each in given.resolutions}
    rules.settle(appraisal, judged, caller.id, answers, reasons, clock.now())
    return await _answered(uow, appraisal, item.edition, caller)


async def _item(session: Any, item_id: UUID, *, lock: bool = False) -> Any:
    """A published item. Raises ItemNotFound, ItemWithdrawn, ItemMerged."""
    item = await (item_queries.lock_item if lock else item_queries.item)(session, item_id)
    check_may_see(NOBODY, item)
    return item


def _not_ones_own(item: Any, caller: Caller) -> None:
    if item.contributor_id == caller.id and item.way_of_knowing != "research":
        raise rules.OwnEvidence


async def _answered(uow: UnitOfWork, appraisal: Appraisal, edition: int, caller: Caller) -> views.AppraisalView:
    await uow.session.flush()
    judged = await queries.judgements(uow.session, [appraisal.id])
    return views.view(appraisal, judged.get(appraisal.id, ()), edition, caller.id)


def _each_once(given: Sequence[GivenAnswer] | Sequence[SettledAnswer], pointer: str) -> None:
    codes = [each.criterion for each in given]
    twice = [place for place, code in enumerate(codes) if code in codes[:place]]
    if twice:
        detail = "This criterion is answered above already. Answer each once."
        raise Invalid(errors=[FieldError(pointer=f"{pointer}/{place}/criterion", detail=detail) for place in twice])


def _cached(caller: Caller) -> dict[str, str]:
    """What is withdrawn must disappear everywhere at once; what staff see is theirs."""
    kept = "private, no-store" if is_editor(caller) else "public, no-cache"
    return {"Cache-Control": kept, "Vary": "Authorization, X-API-Key"}
