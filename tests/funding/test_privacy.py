"""Promise P3: bank details and texts of a person are only in their own rows."""

import logging

import orjson
import pytest
from sqlalchemy import text

from tests.funding.world import FundingWorld
from tests.support.callers import APPROVER, CARER

SECRETS = ("87654321", "040004", "04-00-04", "Zoë", "Zoe O", "1234567-89", "Bus 73", "clinic", "Which bus was it")


async def pay_a_returned_claim(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    returned = {"decision": "returned", "reason": "Which bus was it?"}
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", returned)
    await world.json(CARER, "POST", f"/v1/claims/{claim}/submit")
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    run = await world.released_run()
    await world.post_bank_message(run)
    (payee,) = (await world.json(CARER, "GET", "/v1/payees"))["items"]
    new = {"account_name": "Zoë", "sort_code": "040004", "account_number": "87654321", "roll_number": "A/1234567-89"}
    await world.json(CARER, "PUT", f"/v1/payees/{payee['id']}", new, **{"If-Match": "*"})


async def test_neither_events_nor_audit_entries_nor_logs_hold_bank_details_or_texts_of_a_person(
    world: FundingWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await pay_a_returned_claim(world)
    audited = await world.rows("SELECT * FROM audit_entries")
    published = await world.rows("SELECT data FROM outbox")
    assert {"Payee", "ClaimLine", "ClaimStep", "ClaimReason", "PaymentFile"} <= {row["kind"] for row in audited}
    text_everywhere = orjson.dumps(audited, default=str).decode() + str(published) + caplog.text
    assert [secret for secret in SECRETS if secret in text_everywhere] == []


async def test_only_the_claim_itself_holds_texts_of_a_person(world: FundingWorld) -> None:
    await pay_a_returned_claim(world)
    tables = await world.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables_with_secrets: set[str] = set()
    for table in (row["tablename"] for row in tables):
        rows = await world.rows(f'SELECT * FROM "{table}"')  # noqa: S608  a name from the database itself
        if any(secret in str(row) for row in rows for secret in SECRETS):
            tables_with_secrets.add(table)
    assert tables_with_secrets <= {"claim_lines", "claim_reasons"}


async def test_the_reason_of_a_step_can_be_erased_and_the_step_stays(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "returned", "reason": "Which?"})
    before = (await world.json(CARER, "GET", f"/v1/claims/{claim}"))["history"]
    assert [step["reason"] for step in before] == [None, "Which?"]
    async with world.database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM claim_reasons"))
    after = (await world.json(CARER, "GET", f"/v1/claims/{claim}"))["history"]
    assert after == [step | {"reason": None} for step in before]
