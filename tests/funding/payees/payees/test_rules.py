import base64

import pytest

from services.funding.payees.payees import rules
from services.funding.payees.payees.tables import Payee
from shared.encryption import DecryptionError
from shared.persistence.tables import new_id

KEY = base64.b64encode(b"k" * 32).decode()
OTHER_KEY = base64.b64encode(b"o" * 32).decode()
DETAILS = rules.BankDetails("A Carer", "040004", "87654321")


def payee_with_details() -> Payee:
    payee = Payee(person_id=new_id(), sealed=b"")
    payee.sealed = rules.encrypt(DETAILS, payee.id, KEY)
    return payee


def test_bank_details_are_decrypted_as_they_were_and_are_nowhere_in_clear() -> None:
    payee = payee_with_details()
    assert rules.decrypt(payee, KEY) == DETAILS
    assert not any(secret.encode() in payee.sealed for secret in ("A Carer", "040004", "87654321"))


def test_another_key_another_row_or_another_byte_cannot_be_decrypted() -> None:
    payee = payee_with_details()
    with pytest.raises(DecryptionError):
        rules.decrypt(payee, OTHER_KEY)
    with pytest.raises(DecryptionError):
        rules.decrypt(Payee(person_id=payee.person_id, sealed=payee.sealed), KEY)
    payee.sealed = payee.sealed[:-1] + bytes([payee.sealed[-1] ^ 1])
    with pytest.raises(DecryptionError):
        rules.decrypt(payee, KEY)


def test_only_the_ends_of_the_numbers_are_shown() -> None:
    assert (DETAILS.masked_sort_code, DETAILS.masked_account_number) == ("••-••-04", "•••••321")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Zoë O\N{RIGHT SINGLE QUOTATION MARK}Carer", "Zoe O'Carer"),
        ("Łucja  Šimić & Sons", "Lucja Simic and Sons"),
        ("<script>", "script"),
        ("李小龍", ""),
        ("Anna Ж", ""),
        ("Anna_Ж", ""),
    ],
)
def test_a_name_is_written_in_the_character_set_of_payment_messages(name: str, written: str) -> None:
    assert rules.payment_name(name) == written
