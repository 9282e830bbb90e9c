"""What bank details look like, and how they are kept: sealed, and shown only in part."""

import re
import unicodedata
from dataclasses import asdict, dataclass
from functools import lru_cache
from uuid import UUID

import orjson

from services.funding.payees.payees.tables import Payee
from shared.encryption import FieldCipher
from shared.problems import Conflict

NOT_IN_PAYMENTS = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
"""What the character set of payment messages does not have (EPC217-08, used by UK banks alike)."""

WRITTEN_OUT = str.maketrans(
    {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "&": " and ", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe"}
    | dict(zip("łŁøØđĐðÐþÞı", "lLoOdDdDtTi", strict=True))
)
"""Letters that do not come apart into a base letter and a mark."""


class PayeeExists(Conflict):
    title = "We have your bank details already"
    detail = "To change them, fetch /v1/payees, and PUT the new ones with its ETag in If-Match."


class PayeeMissing(Conflict):
    title = "We do not know yet where to send the money"
    detail = "Add your bank details first (POST /v1/payees); then submit the claim again."


@dataclass(frozen=True, slots=True)
class BankDetails:
    """A UK account: six digits of sort code, eight of account number."""

    account_name: str
    sort_code: str
    account_number: str

    @property
    def masked_sort_code(self) -> str:
        return f"••-••-{self.sort_code[-2:]}"

    @property
    def masked_account_number(self) -> str:
        return f"•••••{self.account_number[-3:]}"


@lru_cache(maxsize=4)
def cipher(field_key: str) -> FieldCipher:
    return FieldCipher(field_key, "bank details")


def seal(details: BankDetails, payee_id: UUID, field_key: str) -> bytes:
    return cipher(field_key).encrypt(orjson.dumps(asdict(details)), payee_id)


def unseal(payee: Payee, field_key: str) -> BankDetails:
    """Raises shared.encryption.Unreadable when the key is another, or the value was moved or altered."""
    return BankDetails(**orjson.loads(cipher(field_key).decrypt(payee.sealed, payee.id)))


def name_in_payments(name: str) -> str:
    """The name in the letters that payment messages have: Zoë becomes Zoe. Empty where a letter has no such form."""
    plain = unicodedata.normalize("NFKD", name.translate(WRITTEN_OUT))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if any(lost.isalpha() for lost in NOT_IN_PAYMENTS.findall(letters)):
        return ""
    return " ".join(NOT_IN_PAYMENTS.sub(" ", letters).split())
