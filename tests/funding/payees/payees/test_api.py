import asyncio
import unicodedata
from typing import Any

import pytest

from tests.funding.world import BANK_DETAILS, FundingWorld
from tests.support.callers import CARER, FINANCE, FUNDING_OFFICER, NOBODY, PRACTITIONER


async def test_my_bank_details_are_shown_to_me_alone_and_only_in_part(world: FundingWorld) -> None:
    created = await world.json(CARER, "POST", "/v1/payees", BANK_DETAILS)
    assert (created["sort_code"], created["account_number"]) == ("••-••-04", "•••••321")
    path = f"/v1/payees/{created['id']}"
    response = await world.call(CARER, "GET", path)
    assert (response.json(), response.headers["Cache-Control"]) == (created, "no-store")
    for caller in (PRACTITIONER, FINANCE, FUNDING_OFFICER):
        assert (await world.call(caller, "GET", path)).status_code == 404
        assert (await world.json(caller, "GET", "/v1/payees"))["items"] == []
    assert (await world.call(NOBODY, "GET", path)).status_code == 401


async def test_only_i_can_change_where_my_money_goes(world: FundingWorld) -> None:
    created = await world.call(CARER, "POST", "/v1/payees", BANK_DETAILS)
    path, new = created.headers["Location"], BANK_DETAILS | {"account_number": "11112222"}
    tag = {"If-Match": created.headers["ETag"]}
    for caller in (PRACTITIONER, FINANCE, FUNDING_OFFICER):
        assert (await world.call(caller, "PUT", path, new, **tag)).status_code == 404
    assert (await world.call(CARER, "PUT", path, new)).status_code == 428
    changed = await world.json(CARER, "PUT", path, new, **tag)
    assert changed["account_number"] == "•••••222"
    assert (await world.call(CARER, "PUT", path, new, **tag)).status_code == 412


async def test_an_idempotency_key_is_required_and_makes_a_double_click_harmless(
    world: FundingWorld,
) -> None:
    response = await world.call(CARER, "POST", "/v1/payees", BANK_DETAILS, key=None)
    assert (response.status_code, response.json()["title"]) == (400, "An Idempotency-Key header is required")
    first = await world.call(CARER, "POST", "/v1/payees", BANK_DETAILS, key="one")
    again = await world.call(CARER, "POST", "/v1/payees", BANK_DETAILS, key="one")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    other = await world.call(CARER, "POST", "/v1/payees", BANK_DETAILS, key="two")
    assert (other.status_code, other.json()["title"]) == (409, "You have added your bank details already")


async def test_two_browsers_at_once_leave_one_account(world: FundingWorld) -> None:
    responses = await asyncio.gather(*(world.call(CARER, "POST", "/v1/payees", BANK_DETAILS) for _ in range(4)))
    assert sorted(response.status_code for response in responses) == [201, 409, 409, 409]
    assert len(await world.rows("SELECT id FROM payees")) == 1


@pytest.mark.parametrize(
    "invalid",
    [
        {"sort_code": "12345"},
        {"sort_code": "12-34-5x"},
        {"sort_code": 123456},
        {"account_number": "12345"},
        {"account_number": "123456789"},
        {"account_number": "ⅧⅧⅧⅧⅧⅧⅧⅧ"},
        {"account_number": "00000000"},
        {"account_number": "0000-00"},
        {"account_number": "12345678" + " -" * 50 + "."},
        {"sort_code": "00-00-00"},
        {"account_name": ""},
        {"account_name": "."},
        {"account_name": "李小龍"},
        {"account_name": "\x00"},
        {"account_name": "\N{HALFWIDTH KATAKANA VOICED SOUND MARK}"},
        {"roll_number": ""},
        {"roll_number": "A" * 19},
        {"roll_number": "A_1&2"},
        {"roll_number": 7},
        {"account_name": "x" * 71},
        {"iban": "GB00"},
    ],
    ids=str,
)
async def test_what_cannot_be_a_uk_account_is_refused_by_field_without_repeating_it(
    world: FundingWorld, invalid: dict[str, Any]
) -> None:
    response = await world.call(CARER, "POST", "/v1/payees", BANK_DETAILS | invalid)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"/{next(iter(invalid))}"
    assert "pattern" not in response.text, "a person reads this"
    assert "87654321" not in response.text


async def test_older_account_numbers_are_filled_with_zeros_and_spaces_do_not_matter(world: FundingWorld) -> None:
    details = {"account_name": "A", "sort_code": "04 00 04", "account_number": "123 4567"}
    created = await world.json(CARER, "POST", "/v1/payees", details)
    assert created["account_number"] == "•••••567"


@pytest.mark.parametrize(
    "details",
    [
        {"sort_code": "04\N{NO-BREAK SPACE}00\N{NO-BREAK SPACE}04", "account_number": "8765 4321"},
        {"sort_code": "04\N{EN DASH}00\N{NON-BREAKING HYPHEN}04", "account_number": "\N{LEFT-TO-RIGHT MARK}87654321\t"},
        {"sort_code": "04.00.04", "account_number": "8765/4321"},
        {"account_name": unicodedata.normalize("NFD", BANK_DETAILS["account_name"])},
        {
            "sort_code": "\u0660\u0664-\u0660\u0660-\u0660\u0664",
            "account_number": "\uff18\uff17\uff16\uff15\uff14\uff13\uff12\uff11",
        },
    ],
    ids=ascii,
)
async def test_separators_and_digits_of_every_kind_name_the_same_account(
    world: FundingWorld, details: dict[str, str]
) -> None:
    created = await world.call(CARER, "POST", "/v1/payees", BANK_DETAILS)
    replaced = await world.call(
        CARER, "PUT", created.headers["Location"], BANK_DETAILS | details, **{"If-Match": created.headers["ETag"]}
    )
    assert (replaced.status_code, replaced.headers["ETag"]) == (200, created.headers["ETag"])


async def test_the_same_bank_details_again_change_nothing_and_others_make_a_version(world: FundingWorld) -> None:
    created = await world.call(CARER, "POST", "/v1/payees", BANK_DETAILS | {"roll_number": "A/1234567-89"})
    path, tag = created.headers["Location"], {"If-Match": created.headers["ETag"]}
    (before,) = await world.rows("SELECT * FROM payees")
    audited = await world.rows("SELECT id FROM audit_entries")
    same = await world.call(CARER, "PUT", path, BANK_DETAILS | {"roll_number": " A/1234567\N{EN DASH}89"}, **tag)
    assert (same.status_code, same.headers["ETag"], same.json()) == (200, created.headers["ETag"], created.json())
    assert await world.rows("SELECT * FROM payees") == [before]
    assert await world.rows("SELECT id FROM audit_entries") == audited
    changed = await world.call(CARER, "PUT", path, BANK_DETAILS, **tag)
    assert changed.json()["roll_number"] is None
    assert changed.headers["ETag"] != created.headers["ETag"]
    assert (await world.call(CARER, "PUT", path, BANK_DETAILS, **tag)).status_code == 412


async def test_a_roll_number_is_shown_in_part_and_stored_encrypted(world: FundingWorld) -> None:
    created = await world.json(CARER, "POST", "/v1/payees", BANK_DETAILS | {"roll_number": "A/1234567-89"})
    assert created["roll_number"] == "•••••-89"
    (row,) = await world.rows("SELECT sealed FROM payees")
    assert b"1234567" not in row["sealed"]


@pytest.mark.parametrize(
    ("invalid", "advice"),
    [
        ({"account_number": "123 456 789"}, ("probably a building society's", "eight digits", "roll_number")),
        ({"account_number": "00000000"}, ("zeros alone", "statement")),
        ({"roll_number": "0000/00-0"}, ("zeros alone", "Leave it out")),
        ({"account_name": "Zoë \N{SLIGHTLY SMILING FACE}"}, ("slightly smiling face", "without such signs")),
        ({"account_name": "\N{CYRILLIC CAPITAL LETTER A}nna"}, ("cyrillic capital letter a", "ask the centre")),
        ({"account_name": "زينب"}, ("bank statement, in Latin letters", "ask the centre")),
    ],
    ids=str,
)
async def test_a_refusal_says_what_it_probably_is_and_what_to_do(
    world: FundingWorld, invalid: dict[str, str], advice: tuple[str, ...]
) -> None:
    problem = await world.problem(CARER, "POST", "/v1/payees", BANK_DETAILS | invalid)
    (error,) = problem["errors"]
    assert [words for words in advice if words not in error["detail"]] == []
    assert await world.rows("SELECT id FROM payees") == []


async def test_the_database_holds_bank_details_only_encrypted(world: FundingWorld) -> None:
    await world.json(CARER, "POST", "/v1/payees", BANK_DETAILS)
    (row,) = await world.rows("SELECT sealed FROM payees")
    assert not any(secret in row["sealed"] for secret in (b"87654321", b"040004", b"Carer"))
    created = await world.json(PRACTITIONER, "POST", "/v1/payees", BANK_DETAILS)
    (second,) = await world.rows("SELECT sealed FROM payees WHERE id = :id", id=created["id"])
    assert second["sealed"] != row["sealed"]
