"""The form of bank details, their encryption and masking, and names in the character set of payment messages."""

import re
import unicodedata
from dataclasses import asdict, dataclass
from functools import lru_cache
from uuid import UUID

import orjson

from services.funding.payees.payees.tables import Payee
from shared.encryption import FieldCipher
from shared.problems import Conflict

UNSUPPORTED_CHARACTER = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
"""A character outside the character set of payment messages (EPC217-08, which UK banks use too)."""

TRANSLITERATIONS = str.maketrans(
    {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "&": " and ", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe"}
    | dict(zip("łŁøØđĐðÐþÞı", "lLoOdDdDtTi", strict=True))
)
"""Letters that Unicode does not decompose into a base letter and a combining mark."""


class PayeeExists(Conflict):
    title = "You have added your bank details already"
    detail = "To change them, fetch your bank details, and PUT the new ones with their ETag in If-Match."


class PayeeMissing(Conflict):
    title = "Your bank details are missing"
    detail = "Add your bank details first (POST /v1/payees); then submit the claim again."


@dataclass(frozen=True, slots=True)
class BankDetails:
    """A UK account: a sort code of six digits, an account number of eight."""

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
def _cipher(field_key: str) -> FieldCipher:
    return FieldCipher(field_key, "bank details")


def encrypt(details: BankDetails, payee_id: UUID, field_key: str) -> bytes:
    """Encrypt bank details, bound to the payee's row: copied into another row they cannot be decrypted."""
    return _cipher(field_key).encrypt(orjson.dumps(asdict(details)), payee_id)


def decrypt(payee: Payee, field_key: str) -> BankDetails:
    """Decrypt a payee's bank details. Raises shared.encryption.Unreadable for another key, row or altered value."""
    return BankDetails(**orjson.loads(_cipher(field_key).decrypt(payee.sealed, payee.id)))


def payment_name(name: str) -> str:
    """Return the name in the character set of payment messages: Zoë becomes Zoe.

    Returns an empty text where a letter has no form in that character set.
    """
    decomposed = unicodedata.normalize("NFKD", name.translate(TRANSLITERATIONS))
    base_characters = "".join(character for character in decomposed if not unicodedata.combining(character))
    if any(character.isalpha() for character in UNSUPPORTED_CHARACTER.findall(base_characters)):
        return ""
    return " ".join(UNSUPPORTED_CHARACTER.sub(" ", base_characters).split())
