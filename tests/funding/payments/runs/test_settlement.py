import asyncio

import pytest

from deploy.demo import bank
from tests.funding.payments.runs.test_documents import BOMB, OUTSIDE
from tests.funding.world import FundingWorld
from tests.support.callers import CARER, FINANCE, PRACTITIONER

RUNS = "/v1/payment-runs"


async def test_the_bank_pays_some_and_refuses_one_with_its_reason(world: FundingWorld) -> None:
    good, bad = await world.approved(), await world.approved(PRACTITIONER)
    run = await world.released(good, bad)
    refused = await world.end_to_end_id(run, bad)
    told = await world.answer(run, bank.answer(await world.file_of(run), {refused}))
    assert (told.json()["paid"], told.json()["refused"], told.json()["run_status"]) == (1, 1, "settled")
    assert (await world.claim(good))["status"] == "paid"
    shown = await world.claim(bad, PRACTITIONER)
    assert (shown["status"], shown["needs_attention"], shown["bank_reason"]) == ("approved", True, "AC04")
    assert shown["history"][-1]["reason"] == "This account is closed."
    assert "Look at your bank details" in shown["what_next"]
    assert await world.paid_events() == 1
    assert (await world.proof())["agrees"]
    waiting = await world.done(FINANCE, "GET", "/v1/claims?everyone=true&needs_attention=true")
    assert [row["id"] for row in waiting["items"]] == [bad]
    nothing = await world.call(FINANCE, "POST", RUNS)
    assert nothing.json()["title"] == "No approved claim waits for payment"
    again = await world.released(bad)
    assert (await world.answer(again)).json()["paid"] == 1
    assert (await world.claim(bad, PRACTITIONER))["status"] == "paid"
    assert (await world.proof())["agrees"]


async def test_the_same_answer_twice_changes_nothing(world: FundingWorld) -> None:
    claim = await world.approved()
    run = await world.released(claim)
    told = bank.answer(await world.file_of(run))
    first = await world.answer(run, told)
    before = await world.rows("SELECT id, version FROM claims UNION SELECT id, version FROM schemes ORDER BY id")
    second = await world.answer(run, told)
    assert (first.json()["repeated"], second.json()["repeated"]) == (False, True)
    assert second.json() | {"repeated": False} == first.json()
    later = await world.answer(run, told.replace(b"BANK-", b"bank-"))
    assert (later.status_code, later.json()["paid"]) == (200, 0)
    after = await world.rows("SELECT id, version FROM claims UNION SELECT id, version FROM schemes ORDER BY id")
    assert after == before
    assert await world.paid_events() == 1


async def test_the_same_answer_posted_at_once_pays_once(world: FundingWorld) -> None:
    run = await world.released(await world.approved())
    told = bank.answer(await world.file_of(run))
    answers = await asyncio.gather(*(world.answer(run, told) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(answer.json()["repeated"] for answer in answers) == [False, True, True, True]
    assert await world.paid_events() == 1
    assert (await world.proof())["agrees"]


async def test_an_answer_with_unknown_payments_is_refused_whole_and_can_be_posted_again(world: FundingWorld) -> None:
    claim = await world.approved()
    run = await world.released(claim)
    told = bank.answer(await world.file_of(run))
    known = (await world.end_to_end_id(run, claim)).encode()
    stranger = b"<TxInfAndSts><OrgnlEndToEndId>STRANGER</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>"
    mixed = told.replace(b"</OrgnlPmtInfAndSts>", stranger + b"</OrgnlPmtInfAndSts>")
    assert known in mixed
    response = await world.answer(run, mixed)
    assert (response.status_code, response.json()["title"]) == (
        422,
        "The answer names payments that this run does not have",
    )
    assert "STRANGER" in response.json()["errors"][0]["detail"]
    assert (await world.claim(claim))["status"] == "in_payment"
    assert (await world.answer(run, told)).json()["paid"] == 1


async def test_an_answer_to_another_run_changes_neither(world: FundingWorld) -> None:
    one = await world.released(await world.approved())
    other = await world.released(await world.approved(PRACTITIONER))
    response = await world.answer(one, bank.answer(await world.file_of(other)))
    assert (response.status_code, response.json()["title"]) == (422, "This answer is not for this run")
    assert await world.paid_events() == 0


async def test_an_answer_that_contradicts_an_earlier_one_is_refused(world: FundingWorld) -> None:
    claim = await world.approved()
    run = await world.released(claim)
    content = await world.file_of(run)
    id = await world.end_to_end_id(run, claim)
    assert (await world.answer(run)).json()["paid"] == 1
    response = await world.answer(run, bank.answer(content, {id}))
    assert (response.status_code, response.json()["title"]) == (409, "The answer contradicts an earlier one")
    assert (await world.claim(claim))["status"] == "paid"


async def test_what_the_bank_has_merely_accepted_waits(world: FundingWorld) -> None:
    claim = await world.approved()
    run = await world.released(claim)
    told = bank.answer(await world.file_of(run))
    accepted = await world.answer(run, told.replace(b"ACSC", b"ACSP"))
    assert (accepted.json()["waiting"], accepted.json()["run_status"]) == (1, "released")
    assert (await world.claim(claim))["status"] == "in_payment"
    assert (await world.answer(run, told)).json()["run_status"] == "settled"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"", "This file could not be read"),
        (b"<Document>", "This file could not be read"),
        (b"\xff\xfe<", "This file could not be read"),
        (BOMB.encode(), "This file is not what a bank sends"),
        (OUTSIDE.encode(), "This file is not what a bank sends"),
        (b"<Document/>", "This file does not follow the standard"),
        (
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"/>',
            "This file does not follow the standard",
        ),
    ],
    ids=range(7),
)
async def test_broken_or_hostile_files_are_refused_and_change_nothing(
    world: FundingWorld, content: bytes, title: str
) -> None:
    claim = await world.approved()
    run = await world.released(claim)
    response = await world.answer(run, content)
    assert (response.status_code, response.json()["title"]) == (422, title)
    assert "root:" not in response.text
    assert (await world.claim(claim))["status"] == "in_payment"
    assert await world.rows("SELECT id FROM bank_answers") == []


async def test_a_file_that_is_far_too_large_is_not_read(world: FundingWorld) -> None:
    run = await world.released(await world.approved())
    assert (await world.answer(run, b"<" + b"x" * 5_000_000)).status_code == 413


async def test_new_bank_details_count_from_the_next_release(world: FundingWorld) -> None:
    claim = await world.approved()
    run = await world.released(claim)
    id = await world.end_to_end_id(run, claim)
    await world.answer(run, bank.answer(await world.file_of(run), {id}))
    (payee,) = (await world.done(CARER, "GET", "/v1/payees"))["items"]
    new = {"account_name": "A Carer", "sort_code": "309634", "account_number": "11112222"}
    await world.done(CARER, "PUT", f"/v1/payees/{payee['id']}", new, **{"If-Match": "*"})
    assert b"11112222" in await world.file_of(await world.released(claim))
    assert b"87654321" in await world.file_of(run)
