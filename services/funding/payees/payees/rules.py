"""The form of bank details, their encryption and masking, and names in the character set of payment messages."""

import re
import unicodedata
from dataclasses import asdict, dataclass
from functools import lru_cache
from uuid import UUID

import orjson

from services.funding.payees.payees.tables import Payee
from shared.encryption import DecryptionError, FieldCipher
from shared.problems import Conflict

UNSUPPORTED_CHARACTER = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
"""A character outside the character set of payment messages (EPC217-08, which UK banks use too)."""

TRANSLITERATIONS = str.maketrans(
    {"&": " and ", "\u00b7": ".", "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe"}
    | dict(zip("łŁøØđĐðÐþÞıħĦŧŦŋŊəƏɓƁɗƊƙƘƴƳɔƆɛƐ", "lLoOdDdDtTihHtTnNeEbBdDkKyYoOeE", strict=True))
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02b9\u02bb\u02bc\u02be\u02bf", "'")
    | dict.fromkeys('"\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb', "'")
)
"""Letters that Unicode does not decompose into a base letter and a combining mark, and apostrophes and quotes."""

MAX_NAME_CHARACTERS = 140
"""Of a name in a payment message (Max140Text)."""

DOTS = ".\u00b7\u2022\u2024\u2027\u2219\u22c5\uff0e"
SLASHES = "/\\\u2044\u2215\uff0f"
MINUS_SIGNS = "_\u2212\u2043"
"""Beside the dashes, which Unicode has a category for."""

ROLL_NUMBER = re.compile(r"[A-Za-z0-9]+(?:[ ./-][A-Za-z0-9]+)*")
MAX_ROLL_NUMBER_CHARACTERS = 18
"""Of the reference of a UK payment, which carries it."""


class PayeeExists(Conflict):
    title = "You have added your bank details already"
    detail = "To change them, fetch them (GET /v1/payees/{id}), and PUT the new ones there with their ETag in If-Match."


class PayeeMissing(Conflict):
    title = "Your bank details are missing"
    detail = "Add your bank details first (POST /v1/payees); then submit the claim again."


@dataclass(frozen=True, slots=True)
class BankDetails:
    """A UK account: a sort code of six digits, an account number of eight, and some building societies' roll number.

    UK payments have no field of its own for a roll number: it stands in the payment's reference, 18 characters in Bacs
    and Faster Payments. Sources: Bacs, "Crediting and debiting building society accounts: service user's guide";
    NatWest Bankline, "Secondary Reference Confirmation of Payee check".
    """

    account_name: str
    sort_code: str
    account_number: str
    roll_number: str | None = None

    @property
    def masked_sort_code(self) -> str:
        return f"••-••-{self.sort_code[-2:]}"

    @property
    def masked_account_number(self) -> str:
        return f"•••••{self.account_number[-3:]}"

    @property
    def masked_roll_number(self) -> str | None:
        """At most its last three characters, and never more than half of it."""
        if self.roll_number is None:
            return None
        shown = min(3, len(self.roll_number) // 2)
        return f"•••••{self.roll_number[len(self.roll_number) - shown :]}"


@lru_cache(maxsize=4)
def _cipher(field_key: str) -> FieldCipher:
    return FieldCipher(field_key, "bank details")


def encrypt(details: BankDetails, payee_id: UUID, field_key: str) -> bytes:
    """Encrypt bank details, bound to the payee's row: copied into another row they cannot be decrypted."""
    return _cipher(field_key).encrypt(orjson.dumps(asdict(details)), payee_id)


def decrypt(payee: Payee, field_key: str) -> BankDetails:
    """Decrypt a payee's bank details. Raises shared.encryption.Unreadable for another key, row or altered value."""
    return BankDetails(**orjson.loads(_cipher(field_key).decrypt(payee.sealed, payee.id)))


def decrypt_readable(payee: Payee, field_key: str) -> BankDetails | None:
    """Decrypt a payee's bank details, or return None where they are of another key or altered."""
    try:
        return decrypt(payee, field_key)
    except DecryptionError:
        return None


def are_same(payee: Payee, details: BankDetails, field_key: str) -> bool:
    """Return whether these are the payee's bank details already. Those that cannot be decrypted are other ones."""
    return decrypt_readable(payee, field_key) == details


def remove_separators(number: str) -> str:
    """Return a number without the spaces, dashes, dots and slashes of any kind that people write or paste into it.

    Digits of any script become those of ASCII; every other character stays.
    """
    return "".join(character for character in map(_plain, number) if character not in " -./")


def normalise_roll_number(number: str) -> str:
    """Return a roll number with plain separators, one at a time and only within it."""
    plain = "".join(map(_plain, number))
    return re.sub(r"([ ./-])[ ./-]*", r"\1", plain).strip(" ./-")


def _plain(character: str) -> str:
    """Return the space, dash, dot, slash or digit that a character stands for, nothing for an invisible one."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf":
        return ""
    if category == "Pd" or character in MINUS_SIGNS:
        return "-"
    if character.isspace():
        return " "
    return "." if character in DOTS else "/" if character in SLASHES else character


def payment_name(name: str) -> str:
    """Return the name in the character set of payment messages: Zoë becomes Zoe.

    Returns an empty text where a letter has no form in that character set; other characters without one are left out.
    """
    base_characters = _base_characters(name)
    if any(character.isalpha() for character in UNSUPPORTED_CHARACTER.findall(base_characters)):
        return ""
    return " ".join(UNSUPPORTED_CHARACTER.sub(" ", base_characters).split())[:MAX_NAME_CHARACTERS].rstrip()


def unwritable_characters(name: str) -> str:
    """Return the characters of a name that payment messages cannot write, each once."""
    composed = unicodedata.normalize("NFC", name)
    return "".join(dict.fromkeys(c for c in composed if UNSUPPORTED_CHARACTER.search(_base_characters(c))))


def _base_characters(name: str) -> str:
    """Return the name without its marks, and without what is invisible; dashes and spaces are plain."""
    decomposed = unicodedata.normalize("NFKD", name.translate(TRANSLITERATIONS)).translate(TRANSLITERATIONS)
    visible = (character for character in decomposed if unicodedata.category(character) not in ("Mn", "Cf"))
    return "".join(
        "-" if unicodedata.category(character) == "Pd" else " " if character.isspace() else character
        for character in visible
    )
