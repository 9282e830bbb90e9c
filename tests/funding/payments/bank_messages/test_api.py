import asyncio

import pytest

from deploy.demo import bank
from tests.funding.payments.iso20022.test_documents import BOMB, OUTSIDE
from tests.funding.world import FundingWorld
from tests.support.callers import CARER, FINANCE, PRACTITIONER

RUNS = "/v1/payment-runs"


async def test_the_bank_pays_some_and_refuses_one_with_its_reason(world: FundingWorld) -> None:
    good, bad = await world.approved_claim(), await world.approved_claim(PRACTITIONER)
    run = await world.released_run(good, bad)
    refused = await world.end_to_end_id(run, bad)
    response = await world.post_bank_message(run, bank.status_report(await world.download_file(run), {refused}))
    assert (response.json()["paid"], response.json()["refused"], response.json()["run_status"]) == (1, 1, "settled")
    assert (await world.get_claim(good))["status"] == "paid"
    details = await world.get_claim(bad, PRACTITIONER)
    assert (details["status"], details["needs_attention"], details["bank_reason"]) == ("approved", True, "AC04")
    assert details["history"][-1]["reason"] == "This account is closed."
    assert "Look at your bank details" in details["what_next"]
    assert await world.paid_events() == 1
    assert (await world.get_proof())["agrees"]
    waiting = await world.json(FINANCE, "GET", "/v1/claims?everyone=true&needs_attention=true")
    assert [row["id"] for row in waiting["items"]] == [bad]
    nothing = await world.call(FINANCE, "POST", RUNS)
    assert nothing.json()["title"] == "No approved claim waits for payment"
    again = await world.released_run(bad)
    assert (await world.post_bank_message(again)).json()["paid"] == 1
    assert (await world.get_claim(bad, PRACTITIONER))["status"] == "paid"
    assert (await world.get_proof())["agrees"]


async def test_the_same_message_twice_changes_nothing(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    message = bank.status_report(await world.download_file(run))
    first = await world.post_bank_message(run, message)
    before = await world.rows("SELECT id, version FROM claims UNION SELECT id, version FROM schemes ORDER BY id")
    second = await world.post_bank_message(run, message)
    assert (first.status_code, first.headers["Location"]) == (201, f"/v1/bank-messages/{first.json()['id']}")
    assert (second.status_code, "Location" in second.headers) == (200, False)
    assert (first.json()["repeated"], second.json()["repeated"]) == (False, True)
    assert second.json() | {"repeated": False} == first.json()
    later = await world.post_bank_message(run, message.replace(b"BANK-", b"bank-"))
    assert (later.status_code, later.json()["paid"]) == (201, 0)
    after = await world.rows("SELECT id, version FROM claims UNION SELECT id, version FROM schemes ORDER BY id")
    assert after == before
    assert await world.paid_events() == 1


async def test_the_same_message_posted_at_once_pays_once(world: FundingWorld) -> None:
    run = await world.released_run(await world.approved_claim())
    message = bank.status_report(await world.download_file(run))
    responses = await asyncio.gather(*(world.post_bank_message(run, message) for _ in range(4)))
    assert sorted(response.status_code for response in responses) == [200, 200, 200, 201]
    assert sorted(response.json()["repeated"] for response in responses) == [False, True, True, True]
    assert await world.paid_events() == 1
    assert (await world.get_proof())["agrees"]


async def test_a_message_with_unknown_payments_is_refused_whole_and_can_be_posted_again(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    message = bank.status_report(await world.download_file(run))
    end_to_end_id = (await world.end_to_end_id(run, claim)).encode()
    stranger = b"<TxInfAndSts><OrgnlEndToEndId>STRANGER</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>"
    mixed = message.replace(b"</OrgnlPmtInfAndSts>", stranger + b"</OrgnlPmtInfAndSts>")
    assert end_to_end_id in mixed
    response = await world.post_bank_message(run, mixed)
    assert (response.status_code, response.json()["title"]) == (
        422,
        "The message names payments that this run does not have",
    )
    assert "STRANGER" in response.json()["errors"][0]["detail"]
    assert (await world.get_claim(claim))["status"] == "in_payment"
    assert (await world.post_bank_message(run, message)).json()["paid"] == 1


async def test_a_message_finds_its_run_by_the_message_id_that_it_names(world: FundingWorld) -> None:
    claim, other = await world.approved_claim(), await world.approved_claim(PRACTITIONER)
    run, other_run = await world.released_run(claim), await world.released_run(other)
    response = await world.post_bank_message(run, bank.status_report(await world.download_file(other_run)))
    assert (response.status_code, response.json()["run_id"]) == (201, other_run)
    assert (await world.get_claim(claim))["status"] == "in_payment"
    assert (await world.get_claim(other, PRACTITIONER))["status"] == "paid"


async def test_a_message_for_no_run_of_ours_is_refused_with_a_way_on(world: FundingWorld) -> None:
    run = await world.released_run(await world.approved_claim())
    message_id = (await world.json(FINANCE, "GET", f"{RUNS}/{run}"))["message_id"].encode()
    message = bank.status_report(await world.download_file(run)).replace(message_id, b"SOMEBODY-ELSES")
    response = await world.post_bank_message(run, message)
    assert (response.status_code, response.json()["title"]) == (422, "This message is about no payment run of ours")
    assert "/v1/payment-runs" in response.json()["detail"]
    assert await world.rows("SELECT id FROM bank_messages") == []


async def test_a_message_for_a_run_that_was_never_released_is_refused(world: FundingWorld) -> None:
    released = await world.released_run(await world.approved_claim())
    draft = await world.json(FINANCE, "POST", RUNS, {"claims": [await world.approved_claim(PRACTITIONER)]})
    message_id = (await world.json(FINANCE, "GET", f"{RUNS}/{released}"))["message_id"].encode()
    message = bank.status_report(await world.download_file(released))
    response = await world.post_bank_message(draft["id"], message.replace(message_id, draft["message_id"].encode()))
    assert (response.status_code, response.json()["title"]) == (409, "This run has not been released")


async def test_what_contradicts_an_earlier_message_is_stored_and_not_refused(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    content = await world.download_file(run)
    id = await world.end_to_end_id(run, claim)
    assert (await world.post_bank_message(run)).json()["paid"] == 1
    response = await world.post_bank_message(run, bank.status_report(content, {id}))
    assert (response.status_code, response.json()["contradictions"]) == (201, 1)
    assert (await world.get_claim(claim))["status"] == "paid"
    assert len(await world.rows("SELECT id FROM bank_messages")) == 2


async def test_what_the_bank_has_merely_accepted_waits(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    message = bank.status_report(await world.download_file(run))
    accepted = await world.post_bank_message(run, message.replace(b"ACSC", b"ACSP"))
    assert (accepted.json()["waiting"], accepted.json()["run_status"]) == (1, "released")
    assert (await world.get_claim(claim))["status"] == "in_payment"
    assert (await world.post_bank_message(run, message)).json()["run_status"] == "settled"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"", "This file could not be read"),
        (b"<Document>", "This file could not be read"),
        (b"\xff\xfe<", "This file could not be read"),
        (BOMB.encode(), "This file declares a document type or entities"),
        (OUTSIDE.encode(), "This file declares a document type or entities"),
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
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    response = await world.post_bank_message(run, content)
    assert (response.status_code, response.json()["title"]) == (422, title)
    assert "root:" not in response.text
    assert (await world.get_claim(claim))["status"] == "in_payment"
    assert await world.rows("SELECT id FROM bank_messages") == []


async def test_a_file_that_is_far_too_large_is_not_read(world: FundingWorld) -> None:
    run = await world.released_run(await world.approved_claim())
    assert (await world.post_bank_message(run, b"<" + b"x" * 5_000_000)).status_code == 413


async def test_new_bank_details_count_from_the_next_release(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    id = await world.end_to_end_id(run, claim)
    await world.post_bank_message(run, bank.status_report(await world.download_file(run), {id}))
    (payee,) = (await world.json(CARER, "GET", "/v1/payees"))["items"]
    new = {"account_name": "A Carer", "sort_code": "309634", "account_number": "11112222"}
    await world.json(CARER, "PUT", f"/v1/payees/{payee['id']}", new, **{"If-Match": "*"})
    assert b"11112222" in await world.download_file(await world.released_run(claim))
    assert b"87654321" in await world.download_file(run)
