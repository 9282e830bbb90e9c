"""Request bodies and views of bank details."""

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from services.funding.payees.payees import rules
from services.funding.payees.payees.tables import Payee
from shared.views import Body, View


def _remove_separators(value: object) -> object:
    return value.replace("-", "").replace(" ", "") if isinstance(value, str) else value


def _check_sort_code(digits: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise ValueError("A sort code has six digits, for instance 04-00-04.")
    return digits


def _check_account_number(digits: str) -> str:
    if not re.fullmatch(r"[0-9]{6,8}", digits):
        raise ValueError("An account number has eight digits; an older one may have six or seven.")
    return digits


def _check_name(name: str) -> str:
    if not rules.payment_name(name):
        raise ValueError("write the name as it is on the account, in Latin letters")
    return name


SortCode = Annotated[
    str,
    BeforeValidator(_remove_separators),
    AfterValidator(_check_sort_code),
    Field(description="Six digits, with or without dashes.", examples=["04-00-04"]),
]
AccountNumber = Annotated[
    str,
    BeforeValidator(_remove_separators),
    AfterValidator(_check_account_number),
    Field(
        description="Eight digits. An older number of six or seven digits is padded with leading zeros.",
        examples=["12345678"],
    ),
]


class NewPayee(Body):
    """My bank details: an account at a bank or building society in the UK."""

    account_name: Annotated[
        str,
        StringConstraints(min_length=1, max_length=70),
        AfterValidator(_check_name),
        Field(description="The name on the account.", examples=["A Carer"]),
    ]
    sort_code: SortCode
    account_number: AccountNumber

    def details(self) -> rules.BankDetails:
        return rules.BankDetails(self.account_name, self.sort_code, self.account_number.zfill(8))


class PayeeView(View):
    """My bank details, masked so that only I recognise them."""

    id: UUID
    account_name: str
    sort_code: str = Field(examples=["••-••-04"])
    account_number: str = Field(examples=["•••••678"])
    updated_at: datetime

    @classmethod
    def of(cls, payee: Payee, field_key: str) -> "PayeeView":
        details = rules.decrypt(payee, field_key)
        return cls(
            id=payee.id,
            account_name=details.account_name,
            sort_code=details.masked_sort_code,
            account_number=details.masked_account_number,
            updated_at=payee.updated_at,
        )
