import base64
import re
import unicodedata
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.funding.payees.payees import rules
from services.funding.payees.payees.tables import Payee
from shared.encryption import DecryptionError, FieldCipher
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
        ("Zo\N{ZERO WIDTH SPACE}e\N{EN DASH}Anne", "Zoe-Anne"),
        ("Ħal O\N{MODIFIER LETTER APOSTROPHE}Carer", "Hal O'Carer"),
        ("李小龍", ""),
        ("Anna Ж", ""),
        ("Anna_Ж", ""),
    ],
)
def test_a_name_is_written_in_the_character_set_of_payment_messages(name: str, written: str) -> None:
    assert rules.payment_name(name) == written


def test_a_name_is_never_longer_than_a_payment_message_takes() -> None:
    assert len(rules.payment_name("&" * 70)) <= rules.MAX_NAME_CHARACTERS


SEPARATORS = st.text(st.characters(categories=("Pd", "Zs")) | st.sampled_from("./\t\N{MINUS SIGN}"))
ZEROS = "0\N{ARABIC-INDIC DIGIT ZERO}\N{DEVANAGARI DIGIT ZERO}\N{FULLWIDTH DIGIT ZERO}\N{MATHEMATICAL BOLD DIGIT ZERO}"
NUMBERS = st.text("0123456789", min_size=6, max_size=8)


@given(NUMBERS, st.lists(SEPARATORS, min_size=9, max_size=9), st.sampled_from(ZEROS))
def test_a_number_is_read_through_any_separators_and_digits(number: str, separators: list[str], zero: str) -> None:
    digits = [chr(ord(zero) + int(digit)) for digit in number]
    written = separators[-1] + "".join(digit + gap for digit, gap in zip(digits, separators, strict=False))
    assert rules.remove_separators(written) == number


@given(st.text(max_size=40))
def test_nothing_becomes_a_digit_but_a_digit(text: str) -> None:
    digits = [str(unicodedata.decimal(character)) for character in text if character.isdecimal()]
    assert re.findall("[0-9]", rules.remove_separators(text)) == digits


@given(st.text(max_size=40))
def test_a_roll_number_that_is_read_again_is_the_same(text: str) -> None:
    number = rules.normalise_roll_number(text)
    assert rules.normalise_roll_number(number) == number


@pytest.mark.parametrize(
    ("roll_number", "shown"), [("A/1234567-89", "•••••-89"), ("1234", "•••••34"), ("7", "•••••"), (None, None)]
)
def test_a_roll_number_is_never_shown_whole(roll_number: str | None, shown: str | None) -> None:
    assert rules.BankDetails("A", "040004", "87654321", roll_number).masked_roll_number == shown


def test_bank_details_from_before_roll_numbers_are_still_read() -> None:
    payee = Payee(person_id=new_id(), sealed=b"")
    before = b'{"account_name":"A Carer","sort_code":"040004","account_number":"87654321"}'
    payee.sealed = FieldCipher(KEY, "bank details").encrypt(before, payee.id)
    assert rules.decrypt(payee, KEY) == DETAILS


def test_bank_details_that_cannot_be_read_are_not_the_same() -> None:
    payee = payee_with_details()
    assert rules.are_same(payee, DETAILS, KEY)
    assert not rules.are_same(payee, rules.BankDetails("A Carer", "040004", "87654321", "A1"), KEY)
    assert not rules.are_same(payee, DETAILS, OTHER_KEY)


@given(st.text(max_size=70))
def test_a_name_that_is_taken_is_written_without_losing_anything_that_is_seen(name: str) -> None:
    if rules.unwritable_characters(name):
        return
    written = rules.payment_name(name)
    assert not rules.UNSUPPORTED_CHARACTER.search(written)
    letters = sum(
        character.isalpha() for character in unicodedata.normalize("NFC", name.translate(rules.TRANSLITERATIONS))
    )
    assert sum(character.isalnum() for character in written) >= min(letters, rules.MAX_NAME_CHARACTERS)


@given(st.characters(categories=("So", "Sc", "Sm", "Nd", "Lo", "Co", "Cn", "Me")))
@example("\N{CJK COMPATIBILITY IDEOGRAPH-F900}")
@example("\N{DEVANAGARI LETTER QA}")
@example("\N{ARABIC FATHA ISOLATED FORM}")
def test_what_has_no_form_in_latin_letters_is_named(character: str) -> None:
    """It is named as it stands in the name that is kept, which is composed (NFC): U+8C48 for U+F900. Marks go."""
    plain = without_marks("NFKD", character)
    has_form = all(ord(c) in rules.TRANSLITERATIONS or not rules.UNSUPPORTED_CHARACTER.search(c) for c in plain)
    assert rules.unwritable_characters(f"Zoë {character}") == ("" if has_form else without_marks("NFC", character))


def without_marks(form: Literal["NFC", "NFKD"], text: str) -> str:
    return "".join(c for c in unicodedata.normalize(form, text) if unicodedata.category(c) != "Mn")


@given(st.characters(max_codepoint=0x1EFF, categories=("Lu", "Ll")))
def test_latin_letters_with_marks_go_on_as_they_are(letter: str) -> None:
    base_letter = unicodedata.normalize("NFKD", letter)[0]
    if base_letter.isascii() or ord(base_letter) in rules.TRANSLITERATIONS:
        assert rules.unwritable_characters(f"{letter}nne") == ""
