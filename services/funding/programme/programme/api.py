"""The programme and its schemes: public to read, the funding officer's to shape."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status
from pydantic import Field, StringConstraints, field_validator
from sqlmodel import col

from services.funding import caching
from services.funding.callers import Anyone, FundingOfficer
from services.funding.ledger.ledger import posting
from services.funding.programme.programme import queries, rules
from services.funding.programme.programme.tables import BudgetYear, Programme, Scheme
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, etag, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import Conflict, Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body, Money, View

programme_router = create_router("/v1/programme", "Programme")
scheme_router = create_router("/v1/schemes", "Programme")


class SchemeCodeTaken(Conflict):
    title = "A scheme has this code already"
    detail = "Choose another code, or change the scheme that there is."


class NewScheme(Body):
    """A purpose within the programme, and its cap."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")] = Field(examples=["participation"])
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["Participation"])
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        examples=["Nobody is out of pocket for taking part."]
    )
    cap: Money
    promise_working_days: Annotated[int, Field(ge=1, le=60)] = 10


class SchemeChange(Body):
    """What may change of a scheme (JSON Merge Patch): leave out what stays."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = None
    cap: Money | None = None
    promise_working_days: Annotated[int, Field(ge=1, le=60)] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _nothing_is_removed(cls, value: object) -> object:
        if value is None:
            raise ValueError("a scheme always has this: give another value, or leave it out so that it stays")
        return value


class SchemeView(View):
    """A scheme and its money. cap = available + reserved + approved; approved includes paid."""

    id: UUID
    code: str
    name: str
    purpose: str
    promise_working_days: int
    cap: Money
    available: Money
    reserved: Money
    approved: Money
    paid: Money

    @classmethod
    def of(cls, scheme: Scheme) -> "SchemeView":
        return cls(
            id=scheme.id,
            code=scheme.code,
            name=scheme.name,
            purpose=scheme.purpose,
            promise_working_days=scheme.promise_working_days,
            cap=Money(pence=scheme.cap_pence),
            available=Money(pence=scheme.available_pence),
            reserved=Money(pence=scheme.reserved_pence),
            approved=Money(pence=scheme.approved_pence),
            paid=Money(pence=scheme.paid_pence),
        )


class YearView(View):
    """A year's budget, and what was paid in it."""

    starts_on: date
    ends_on: date
    budget: Money
    paid: Money

    @classmethod
    def of(cls, year: BudgetYear, paid_pence: int) -> "YearView":
        return cls(
            starts_on=year.starts_on,
            ends_on=year.ends_on,
            budget=Money(pence=year.pence),
            paid=Money(pence=paid_pence),
        )


class ProgrammeView(View):
    """The whole budget."""

    id: UUID
    name: str
    starts_on: date
    ends_on: date
    total: Money
    allocated: Money
    unallocated: Money
    years: list[YearView]

    @classmethod
    def of(cls, programme: Programme, years: list[YearView]) -> "ProgrammeView":
        return cls(
            id=programme.id,
            name=programme.name,
            starts_on=programme.starts_on,
            ends_on=programme.ends_on,
            total=Money(pence=programme.pence),
            allocated=Money(pence=programme.allocated_pence),
            unallocated=Money(pence=programme.pence - programme.allocated_pence),
            years=years,
        )


@programme_router.get("", response_model=ProgrammeView, dependencies=[Depends(caching.public)])
async def show_programme(_caller: Anyone, session: Reading) -> ProgrammeView:
    """The programme's budget, by year."""
    programme = await queries.programme(session)
    paid = await queries.paid_by_year(session, programme.id)
    years = await queries.budget_years(session, programme.id)
    return ProgrammeView.of(programme, [YearView.of(year, paid.get(year.id, 0)) for year in years])


@scheme_router.get("", response_model=Page[SchemeView], dependencies=[Depends(caching.public)])
async def list_schemes(_caller: Anyone, session: Reading, paging: Paging) -> Page[SchemeView]:
    """The schemes, and what each still has."""
    return await paginate(session, queries.schemes(), paging, key=(col(Scheme.code),), view=SchemeView.of)


@scheme_router.get(
    "/{scheme_id}",
    response_model=SchemeView,
    responses=documented(queries.SchemeNotFound),
    dependencies=[Depends(caching.public)],
)
async def show_scheme(scheme_id: UUID, _caller: Anyone, session: Reading, response: Response) -> SchemeView:
    """One scheme, and what it still has."""
    scheme = await queries.scheme(session, scheme_id)
    set_etag(response, scheme)
    return SchemeView.of(scheme)


@scheme_router.post(
    "",
    response_model=SchemeView,
    status_code=status.HTTP_201_CREATED,
    responses=documented(SchemeCodeTaken, rules.ProgrammeExhausted, Invalid),
)
async def add_scheme(new: NewScheme, _caller: FundingOfficer, uow: Transaction, response: Response) -> SchemeView:
    """Set up a purpose for the programme's money."""
    programme = await queries.lock_programme(uow.session)
    if await queries.scheme_id_by_code(uow.session, new.code):
        raise SchemeCodeTaken
    scheme = Scheme(
        programme_id=programme.id,
        code=new.code,
        name=new.name,
        purpose=new.purpose,
        cap_pence=0,
        promise_working_days=new.promise_working_days,
    )
    uow.save(scheme)
    postings = rules.set_cap(programme, scheme, new.cap.pence)
    await posting.open_accounts(uow, rules.accounts(scheme), new.name)
    await posting.post(uow, *postings)
    response.headers["Location"] = f"/v1/schemes/{scheme.id}"
    response.headers["ETag"] = etag(scheme)
    return SchemeView.of(scheme)


@scheme_router.patch(
    "/{scheme_id}",
    response_model=SchemeView,
    responses=documented(
        queries.SchemeNotFound,
        rules.ProgrammeExhausted,
        rules.CapBelowPromises,
        PreconditionRequired,
        PreconditionFailed,
        Invalid,
    ),
)
async def change_scheme(
    scheme_id: UUID, change: SchemeChange, _caller: FundingOfficer, match: IfMatch, uow: Transaction, response: Response
) -> SchemeView:
    """Change a scheme's words, promise or cap."""
    programme = await queries.lock_programme(uow.session)
    scheme = await queries.lock_scheme(uow.session, scheme_id)
    match.check(scheme)
    scheme.name = change.name or scheme.name
    scheme.purpose = change.purpose or scheme.purpose
    scheme.promise_working_days = change.promise_working_days or scheme.promise_working_days
    if change.cap is not None:
        await posting.post(uow, *rules.set_cap(programme, scheme, change.cap.pence))
    await uow.session.flush()
    set_etag(response, scheme)
    return SchemeView.of(scheme)
