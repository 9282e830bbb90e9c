"""The sums that a message of the bank names are those of the payments, or nothing is applied."""

import pytest

from tests.funding.payments.bank_messages.reports import post, refused, report, settled
from tests.funding.world import FundingWorld

PENCE = 8_810


def reference(elements: str) -> str:
    return f"<OrgnlTxRef>{elements}</OrgnlTxRef>"


def instructed(amount: str, currency: str = "GBP") -> str:
    return reference(f'<Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt>')


@pytest.mark.parametrize("elements", [instructed("88.10"), instructed("88.1"), instructed("88.10000")])
async def test_the_sum_of_the_payment_is_taken_in_any_form(world: FundingWorld, elements: str) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    assert (await post(world, run, {claim: settled() + elements}))["paid"] == 1


@pytest.mark.parametrize("message", ["pain.002.001.12", "pain.002.001.10"])
@pytest.mark.parametrize(
    "elements",
    [
        settled() + instructed("88.09"),
        settled() + instructed("8810"),
        settled() + instructed("88.10", "EUR"),
        settled() + reference('<IntrBkSttlmAmt Ccy="GBP">40</IntrBkSttlmAmt>'),
        refused() + instructed("1.00"),
        "<TxSts>ACSP</TxSts>" + instructed("1.00"),
        instructed("1.00"),
    ],
)
async def test_a_message_with_another_sum_or_currency_changes_nothing(
    world: FundingWorld, elements: str, message: str
) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    response = await world.post_bank_message(run, await report(world, run, {claim: elements}, message=message))
    title = "The message names other sums than those of the payments"
    assert (response.status_code, response.json()["title"]) == (422, title)
    assert await world.end_to_end_id(run, claim) in response.json()["errors"][0]["detail"]
    assert (await world.get_claim(claim))["status"] == "in_payment"
    assert await world.rows("SELECT id FROM bank_messages") == []


@pytest.mark.parametrize("amount", ["NaN", "1e3", "-88.10", "", "8" * 19, "\N{ARABIC-INDIC DIGIT EIGHT}"])
async def test_what_is_no_sum_is_refused_also_in_versions_without_a_schema(world: FundingWorld, amount: str) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    content = await report(world, run, {claim: settled() + instructed(amount)}, message="pain.002.001.10")
    response = await world.post_bank_message(run, content)
    assert (response.status_code, response.json()["title"]) == (422, "This file does not follow the standard")


def totals(number: int | str = 1, control_sum: str = "88.1") -> str:
    return f"<OrgnlNbOfTxs>{number}</OrgnlNbOfTxs><OrgnlCtrlSum>{control_sum}</OrgnlCtrlSum>"


@pytest.mark.parametrize("control_sum", ["88.1", "+88.10", "088.1000000"])
async def test_the_totals_of_the_file_are_taken_in_any_form(world: FundingWorld, control_sum: str) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    assert (await post(world, run, {claim: settled()}, totals(control_sum=control_sum)))["paid"] == 1


@pytest.mark.parametrize("message", ["pain.002.001.03", "pain.002.001.10", "pain.002.001.12"])
@pytest.mark.parametrize("level", ["file", "group"])
@pytest.mark.parametrize(
    ("number", "control_sum", "detail"),
    [
        (2, "88.10", "2 payments, and the run has 1"),
        (1, "8810", "a sum of 8810, and the run has £88.10"),
        (1, "88.1000001", "a sum of 88.1000001, and the run has £88.10"),
    ],
)
async def test_a_message_about_a_file_with_other_totals_changes_nothing(
    world: FundingWorld, number: int, control_sum: str, detail: str, level: str, message: str
) -> None:
    """Whoever changes the file between its download and the bank is seen, although the payments' ids are ours."""
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    differing = totals(number, control_sum)
    content = await report(world, run, {claim: settled()}, differing if level == "file" else "", message=message)
    if level == "group":
        content = content.replace(b"</OrgnlPmtInfId>", b"</OrgnlPmtInfId>" + differing.encode())
    response = await world.post_bank_message(run, content)
    assert (response.status_code, response.json()["title"]) == (422, "The bank has another file than ours")
    assert [error["detail"] for error in response.json()["errors"]] == [detail]
    assert (await world.get_claim(claim))["status"] == "in_payment"
    assert await world.rows("SELECT id FROM bank_messages") == []


@pytest.mark.parametrize(("number", "control_sum"), [("1", "NaN"), ("1", "1e2"), ("1", "-88.10"), ("one", "88.10")])
async def test_what_is_no_total_is_refused_also_in_versions_without_a_schema(
    world: FundingWorld, number: str, control_sum: str
) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    content = await report(world, run, {claim: settled()}, totals(number, control_sum), message="pain.002.001.10")
    response = await world.post_bank_message(run, content)
    assert (response.status_code, response.json()["title"]) == (422, "This file does not follow the standard")
