"""Request bodies and views of bank details."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, TypeGuard
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from services.funding.payees.payees import rules
from services.funding.payees.payees.tables import Payee
from shared.views import Body, View

MAX_WRITTEN_CHARACTERS = 100
"""Of a number with all its separators; longer ones are refused as they are."""


def _remove_separators(value: object) -> object:
    return rules.remove_separators(value) if _is_short_text(value) else value


def _normalise_roll_number(value: object) -> object:
    return rules.normalise_roll_number(value) if _is_short_text(value) else value


def _is_short_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= MAX_WRITTEN_CHARACTERS


def _check_sort_code(digits: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise ValueError("A sort code has six digits, for instance 04-00-04.")
    if not digits.strip("0"):
        raise ValueError("No bank has the sort code 00-00-00. It is on your card, statement or passbook.")
    return digits


def _check_account_number(digits: str) -> str:
    if re.fullmatch(r"[0-9]{9}", digits):
        raise ValueError(
            "An account number has eight digits. One with nine is probably a building society's own number for your"
            " account, which banks cannot pay to. Look on your passbook or statement, or ask the building society, for"
            " the sort code and the account number of eight digits for payments by bank transfer. If it also tells you"
            " to quote a roll number or a reference, write that in roll_number."
        )
    if not re.fullmatch(r"[0-9]{6,8}", digits):
        raise ValueError("An account number has eight digits; an older one may have six or seven.")
    if not digits.strip("0"):
        raise ValueError("No account has a number of zeros alone. It is on your card, statement or passbook.")
    return digits


def _check_roll_number(number: str) -> str:
    if len(number) > rules.MAX_ROLL_NUMBER_CHARACTERS or not rules.ROLL_NUMBER.fullmatch(number):
        raise ValueError(
            f"A roll number has at most {rules.MAX_ROLL_NUMBER_CHARACTERS} letters (A to Z), digits, spaces, dashes,"
            " dots and slashes. Copy it from your passbook or statement, or leave it out if you have none."
        )
    if not number.strip("0 ./-"):
        raise ValueError("No account has a roll number of zeros alone. Leave it out if you have none.")
    return number


def _check_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    unwritable = rules.unwritable_characters(name)
    if unwritable:
        raise ValueError(
            f"Banks cannot write {_describe(unwritable[0])}. "
            + (
                "Write the name as it is printed on your bank statement, in Latin letters; if it has none there, ask"
                " the centre."
                if any(character.isalpha() for character in unwritable)
                else "Write the name as it is printed on your bank statement, without such signs."
            )
        )
    # Some letters of other scripts are marks alone once they are taken apart.
    if not any(character.isalnum() for character in rules.payment_name(name)):
        raise ValueError("Write the name as it is printed on your bank statement.")
    return name


def _describe(character: str) -> str:
    """Return the character and its name: a Cyrillic letter may look as a Latin one does."""
    return f"“{character}” ({unicodedata.name(character, 'a control character').lower()})"


SortCode = Annotated[
    str,
    BeforeValidator(_remove_separators),
    AfterValidator(_check_sort_code),
    Field(description="Six digits, with or without separators.", examples=["04-00-04"]),
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
RollNumber = Annotated[
    str,
    BeforeValidator(_normalise_roll_number),
    AfterValidator(_check_roll_number),
    Field(
        description="Only for a building society account that has one: at most 18 letters, digits and separators.",
        examples=["A/1234567-89"],
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
    roll_number: RollNumber | None = None

    def details(self) -> rules.BankDetails:
        number = self.account_number.zfill(8)
        return rules.BankDetails(self.account_name, self.sort_code, number, self.roll_number)


class PayeeView(View):
    """My bank details, masked so that only I recognise them."""

    id: UUID
    account_name: str
    sort_code: str = Field(examples=["••-••-04"])
    account_number: str = Field(examples=["•••••678"])
    roll_number: str | None = Field(examples=["•••••-89"])
    updated_at: datetime

    @classmethod
    def of(cls, payee: Payee, field_key: str) -> "PayeeView":
        # Those that cannot be read are shown empty, so that the person can replace them.
        details = rules.decrypt_readable(payee, field_key) or rules.BankDetails("", "", "")
        return cls(
            id=payee.id,
            account_name=details.account_name,
            sort_code=details.masked_sort_code,
            account_number=details.masked_account_number,
            roll_number=details.masked_roll_number,
            updated_at=payee.updated_at,
        )
