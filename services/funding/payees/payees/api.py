"""My bank details: told and changed by me alone, shown in part."""

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from sqlmodel import col

from services.funding import caching
from services.funding.callers import Contributor
from services.funding.payees.payees import queries, rules
from services.funding.payees.payees.tables import Payee
from services.funding.settings import FieldKey
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, etag, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.idempotency import required_key
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import Invalid, KeyRequired, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body, View

payee_router = create_router("/v1/payees", "Bank details")


def _digits(value: object) -> object:
    return value.replace("-", "").replace(" ", "") if isinstance(value, str) else value


def _sort_code(digits: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise ValueError("A sort code has six digits, for instance 04-00-04.")
    return digits


def _account_number(digits: str) -> str:
    if not re.fullmatch(r"[0-9]{6,8}", digits):
        raise ValueError("An account number has eight digits; an older one may have six or seven.")
    return digits


def _payable(name: str) -> str:
    if not rules.name_in_payments(name):
        raise ValueError("write the name as it is on the account, in Latin letters")
    return name


SortCode = Annotated[
    str,
    BeforeValidator(_digits),
    AfterValidator(_sort_code),
    Field(description="Six digits, with or without dashes.", examples=["04-00-04"]),
]
AccountNumber = Annotated[
    str,
    BeforeValidator(_digits),
    AfterValidator(_account_number),
    Field(
        description="Eight digits; an older one of six or seven is filled with leading zeros.", examples=["12345678"]
    ),
]


class NewPayee(Body):
    """Where my money goes: an account at a bank or building society in the UK."""

    account_name: Annotated[
        str,
        StringConstraints(min_length=1, max_length=70),
        AfterValidator(_payable),
        Field(description="As it is written on the account.", examples=["A Carer"]),
    ]
    sort_code: SortCode
    account_number: AccountNumber

    def details(self) -> rules.BankDetails:
        return rules.BankDetails(self.account_name, self.sort_code, self.account_number.zfill(8))


class PayeeView(View):
    """My bank details, as much of them as is needed to know them again."""

    id: UUID
    account_name: str
    sort_code: str = Field(examples=["••-••-04"])
    account_number: str = Field(examples=["•••••678"])
    updated_at: datetime

    @classmethod
    def of(cls, payee: Payee, field_key: str) -> "PayeeView":
        details = rules.unseal(payee, field_key)
        return cls(
            id=payee.id,
            account_name=details.account_name,
            sort_code=details.masked_sort_code,
            account_number=details.masked_account_number,
            updated_at=payee.updated_at,
        )


@payee_router.get("", response_model=Page[PayeeView], dependencies=[Depends(caching.private)])
async def list_payees(caller: Contributor, session: Reading, paging: Paging, key: FieldKey) -> Page[PayeeView]:
    """My bank details: one account, or none yet."""
    return await paginate(
        session,
        queries.payees_of(caller.id),
        paging,
        key=(col(Payee.id),),
        view=lambda payee: PayeeView.of(payee, key),
    )


@payee_router.get(
    "/{payee_id}",
    response_model=PayeeView,
    responses=documented(queries.PayeeNotFound),
    dependencies=[Depends(caching.private)],
)
async def show_payee(
    payee_id: UUID, caller: Contributor, session: Reading, key: FieldKey, response: Response
) -> PayeeView:
    """My bank details."""
    payee = await queries.own_payee(session, payee_id, caller.id)
    set_etag(response, payee)
    return PayeeView.of(payee, key)


@payee_router.post(
    "",
    response_model=PayeeView,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(required_key)],
    responses=documented(rules.PayeeExists, KeyRequired, Invalid),
)
async def add_payee(
    new: NewPayee, caller: Contributor, uow: Transaction, key: FieldKey, response: Response
) -> PayeeView:
    """Say where my money goes. It is sealed at once, and nobody but the bank is told."""
    if await queries.has_payee(uow.session, caller.id):
        raise rules.PayeeExists
    payee = Payee(person_id=caller.id, sealed=b"")
    payee.sealed = rules.seal(new.details(), payee.id, key)
    uow.save(payee)
    response.headers["Location"] = f"/v1/payees/{payee.id}"
    response.headers["ETag"] = etag(payee)
    return PayeeView.of(payee, key)


@payee_router.put(
    "/{payee_id}",
    response_model=PayeeView,
    responses=documented(queries.PayeeNotFound, PreconditionRequired, PreconditionFailed, Invalid),
)
async def change_payee(
    payee_id: UUID,
    new: NewPayee,
    caller: Contributor,
    match: IfMatch,
    uow: Transaction,
    key: FieldKey,
    response: Response,
) -> PayeeView:
    """Say anew where my money goes: payments released from now on go there."""
    payee = await queries.own_payee(uow.session, payee_id, caller.id)
    match.check(payee)
    payee.sealed = rules.seal(new.details(), payee.id, key)
    await uow.session.flush()
    set_etag(response, payee)
    return PayeeView.of(payee, key)
