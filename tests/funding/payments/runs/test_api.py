import asyncio
import hashlib
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from deploy.demo import bank
from services.funding.payments.iso20022 import documents, pain001
from shared import clock
from shared.callers import Role, person
from shared.persistence.tables import new_id
from tests.conftest import FreshDatabase
from tests.funding.world import BANK_DETAILS, FundingWorld, attendance_recorded
from tests.support.callers import (
    ADMINISTRATOR,
    APPROVER,
    CARER,
    FINANCE,
    FUNDING_OFFICER,
    NOBODY,
    PRACTITIONER,
    SECOND_FINANCE,
)
from tests.support.world import open_world

RUNS = "/v1/payment-runs"
XML = {"Content-Type": "application/xml"}


async def test_only_finance_makes_releases_sees_and_settles_runs(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    for caller, status in (
        (CARER, 403),
        (APPROVER, 403),
        (FUNDING_OFFICER, 403),
        (ADMINISTRATOR, 403),
        (NOBODY, 401),
    ):
        for method, path in (
            ("GET", RUNS),
            ("POST", RUNS),
            ("GET", f"{RUNS}/{run}"),
            ("GET", f"{RUNS}/{run}/payments"),
            ("GET", f"{RUNS}/{run}/file"),
            ("POST", f"{RUNS}/{run}/release"),
            ("POST", f"{RUNS}/{run}/cancel"),
            ("POST", f"{RUNS}/{run}/resolve"),
            ("POST", "/v1/bank-messages"),
            ("GET", "/v1/bank-messages"),
        ):
            assert (await world.call(caller, method, path)).status_code == status, (caller, path)


async def test_whoever_claimed_or_approved_does_not_pay(world: FundingWorld) -> None:
    finance_who_claims = person(new_id(), Role.FINANCE)
    finance_who_approves = person(new_id(), Role.FINANCE, Role.APPROVER)
    claim = await world.approved_claim(finance_who_claims, by=finance_who_approves)
    for caller in (finance_who_claims, finance_who_approves):
        response = await world.call(caller, "POST", RUNS, {"claims": [claim]})
        assert (response.status_code, response.json()["title"]) == (403, "Someone else must pay this")
        assert claim in response.json()["errors"][0]["detail"]
    run = await world.json(FINANCE, "POST", RUNS)
    for caller in (finance_who_claims, finance_who_approves):
        assert (await world.call(caller, "POST", f"{RUNS}/{run['id']}/release")).status_code == 403
    await world.json(SECOND_FINANCE, "POST", f"{RUNS}/{run['id']}/release")
    message = bank.status_report(await world.download_file(run["id"]))
    for caller in (finance_who_claims, finance_who_approves):
        assert (await world.call(caller, "POST", "/v1/bank-messages", message, **XML)).status_code == 403
    assert (await world.post_bank_message(run["id"])).json()["paid"] == 1


async def test_the_database_itself_refuses_one_person_in_two_roles(world: FundingWorld) -> None:
    await world.json(FINANCE, "POST", RUNS, {"claims": [await world.approved_claim()]})
    for change in ("created_by = claimed_by", "created_by = approved_by", "approved_by = claimed_by"):
        async with world.database.engine.connect() as connection:
            with pytest.raises(IntegrityError, match="segregation_of_duties"):
                await connection.execute(text(f"UPDATE payments SET {change}"))  # noqa: S608  of the list above


async def test_every_step_that_moves_money_needs_an_idempotency_key(world: FundingWorld) -> None:
    run = await world.released_run(await world.approved_claim())
    for path in (RUNS, f"{RUNS}/{run}/release", f"{RUNS}/{run}/cancel", f"{RUNS}/{run}/resolve", "/v1/bank-messages"):
        response = await world.call(FINANCE, "POST", path, key=None)
        assert (response.status_code, response.json()["title"]) == (400, "An Idempotency-Key header is required")


async def test_a_claim_is_in_one_active_run_only(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    responses = await asyncio.gather(*(world.call(FINANCE, "POST", RUNS, {"claims": [claim]}) for _ in range(4)))
    assert sorted(response.status_code for response in responses) == [201, 409, 409, 409]
    nothing = await world.call(FINANCE, "POST", RUNS)
    assert (nothing.status_code, nothing.json()["title"]) == (409, "No approved claim waits for payment")
    (payment,) = await world.rows("SELECT * FROM payments")
    async with world.database.engine.connect() as connection:
        statement = text(
            "INSERT INTO payments"
            " (run_id, claim_id, claimed_by, approved_by, created_by, pence, status, uetr, end_to_end_id)"
            " SELECT run_id, claim_id, claimed_by, approved_by, created_by, pence, status, :uetr, 'another'"
            " FROM payments"
        )
        with pytest.raises(IntegrityError, match="one_active_run"):
            await connection.execute(statement, {"uetr": new_id()})
    assert str(payment["claim_id"]) == claim


async def test_a_claim_that_is_not_approved_is_in_no_run(world: FundingWorld) -> None:
    submitted, approved = await world.submitted_claim(PRACTITIONER), await world.approved_claim()
    response = await world.call(FINANCE, "POST", RUNS, {"claims": [approved, submitted, str(new_id())]})
    assert response.status_code == 409
    assert [submitted in error["detail"] for error in response.json()["errors"]] == [True, False]
    assert (await world.get_claim(approved))["status"] == "approved"


async def test_a_double_click_on_release_makes_one_file(world: FundingWorld) -> None:
    await world.approved_claim()
    run = (await world.json(FINANCE, "POST", RUNS))["id"]
    path = f"{RUNS}/{run}/release"
    early = await world.call(FINANCE, "GET", f"{RUNS}/{run}/file")
    assert (early.status_code, early.json()["title"]) == (409, "This run has not been released")
    tag = await world.etag(SECOND_FINANCE, f"{RUNS}/{run}")
    responses = await asyncio.gather(*(world.call(SECOND_FINANCE, "POST", path, match=tag) for _ in range(4)))
    assert sorted(response.status_code for response in responses) == [200, 412, 412, 412]
    first = await world.download_file(run)
    same = await world.call(SECOND_FINANCE, "POST", path, key="again")
    assert same.json()["title"] == "This run was released or cancelled already"
    assert await world.download_file(run) == first
    assert len(await world.rows("SELECT id FROM payment_files")) == 1


async def test_the_file_is_valid_for_the_bank_and_stored_encrypted(world: FundingWorld) -> None:
    run = await world.released_run(await world.approved_claim(), await world.approved_claim(PRACTITIONER))
    response = await world.call(FINANCE, "GET", f"{RUNS}/{run}/file")
    assert response.headers["Content-Type"].startswith("application/xml")
    assert response.headers["Cache-Control"] == "no-store"
    assert "attachment" in response.headers["Content-Disposition"]
    root = documents.parse(response.content)
    assert documents.schema_errors(root, pain001.MESSAGE) == []
    assert b"87654321" in response.content
    assert b"Zoe O'Carer" in response.content
    (row,) = await world.rows("SELECT sealed, sha256 FROM payment_files")
    assert row["sha256"] == hashlib.sha256(response.content).hexdigest()
    assert not any(secret in row["sealed"] for secret in (b"87654321", b"040004", b"Carer", b"Document"))


async def test_a_roll_number_is_the_reference_of_the_payment_and_ours_its_end_to_end_id(world: FundingWorld) -> None:
    details = {"account_name": "A Carer", "sort_code": "040004", "account_number": "87654321"}
    await world.json(CARER, "POST", "/v1/payees", details | {"roll_number": "a/1234567 89"})
    run = await world.released_run(await world.approved_claim())
    root = documents.parse(await world.download_file(run))
    namespaces = {"p": pain001.NAMESPACE}
    assert [element.text for element in root.iterfind(".//p:RmtInf/p:Ustrd", namespaces)] == ["a/1234567 89"]
    (end_to_end_id,) = (element.text for element in root.iterfind(".//p:EndToEndId", namespaces))
    (payment,) = (await world.json(FINANCE, "GET", f"{RUNS}/{run}/payments"))["items"]
    assert payment["end_to_end_id"] == end_to_end_id


async def test_each_download_of_the_file_is_in_the_audit_trail(world: FundingWorld) -> None:
    run = await world.released_run(await world.approved_claim())
    await world.download_file(run)
    await world.download_file(run)
    rows = await world.rows("SELECT actor FROM audit_entries WHERE action = 'downloaded' AND subject = :run", run=run)
    assert [row["actor"] for row in rows] == [FINANCE.id, FINANCE.id]


async def test_the_bank_is_asked_to_pay_on_a_working_day(world: FundingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.approved_claim()
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 25))
    run = await world.released_run()
    assert (await world.json(FINANCE, "GET", f"{RUNS}/{run}"))["execute_on"] == "2026-12-29"


async def test_without_a_paying_account_nothing_is_released(fresh_database: FreshDatabase) -> None:
    async with open_world(FundingWorld, await fresh_database("funding"), demo=False) as world:
        await world.approved_claim()
        run = (await world.json(FINANCE, "POST", RUNS))["id"]
        response = await world.call(SECOND_FINANCE, "POST", f"{RUNS}/{run}/release")
        assert (response.status_code, response.json()["title"]) == (503, "The account that pays is not set up")
        assert (await world.json(FINANCE, "GET", f"{RUNS}/{run}"))["status"] == "draft"


async def test_a_run_can_be_cancelled_before_its_release_and_not_after(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = (await world.json(FINANCE, "POST", RUNS))["id"]
    assert (await world.json(FINANCE, "POST", f"{RUNS}/{run}/cancel"))["status"] == "cancelled"
    assert (await world.get_claim(claim))["status"] == "approved"
    second = await world.released_run(claim)
    late = await world.call(FINANCE, "POST", f"{RUNS}/{second}/cancel")
    assert late.json()["title"] == "This run was released or cancelled already"
    assert (await world.post_bank_message(run, b"<a/>")).status_code == 422


async def test_a_run_that_is_cancelled_leaves_known_what_the_bank_refused(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    file = await world.download_file(run)
    await world.post_bank_message(run, bank.status_report(file, {await world.end_to_end_id(run, claim)}))
    draft = (await world.json(FINANCE, "POST", RUNS, {"claims": [claim]}))["id"]
    await world.json(FINANCE, "POST", f"{RUNS}/{draft}/cancel")
    details = await world.get_claim(claim)
    assert (details["needs_attention"], details["bank_reason"]) == (True, "AC04")
    assert (await world.call(FINANCE, "POST", RUNS)).json()["title"] == "No approved claim waits for payment"
    await world.released_run(claim)
    details = await world.get_claim(claim)
    assert (details["needs_attention"], details["bank_reason"]) == (False, None)


async def test_bank_details_that_cannot_be_read_are_named_and_replaced(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    async with world.database.engine.begin() as connection:
        await connection.execute(text("UPDATE payees SET sealed = sealed || 'x'::bytea"))
    run = (await world.json(FINANCE, "POST", RUNS))["id"]
    release = await world.call(SECOND_FINANCE, "POST", f"{RUNS}/{run}/release")
    assert (release.status_code, release.json()["title"]) == (409, "Some people's bank details are missing")
    assert claim in release.json()["errors"][0]["detail"]
    (payee,) = (await world.json(CARER, "GET", "/v1/payees"))["items"]
    assert (payee["account_name"], payee["account_number"]) == ("", "•••••")
    await world.json(CARER, "PUT", f"/v1/payees/{payee['id']}", BANK_DETAILS, **{"If-Match": "*"})
    await world.json(SECOND_FINANCE, "POST", f"{RUNS}/{run}/release")


async def test_nothing_is_paid_while_its_entitlement_is_in_question(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim = await world.submitted_claim(CARER, str(row["id"]))
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    run = (await world.json(FINANCE, "POST", RUNS))["id"]
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    refused = await world.call(SECOND_FINANCE, "POST", f"{RUNS}/{run}/release")
    title = "The attendance of some of these claims was corrected"
    assert (refused.status_code, refused.json()["title"]) == (409, title)
    await world.json(FINANCE, "POST", f"{RUNS}/{run}/cancel")
    assert (await world.call(FINANCE, "POST", RUNS, {"claims": [claim]})).json()["title"] == title
    assert (await world.call(FINANCE, "POST", RUNS)).json()["title"] == "No approved claim waits for payment"
    stands = {"resolution": "stands"}
    await world.json(FUNDING_OFFICER, "POST", f"/v1/entitlements/{row['id']}/resolve", stands)
    assert (await world.post_bank_message(await world.released_run(claim))).json()["paid"] == 1
