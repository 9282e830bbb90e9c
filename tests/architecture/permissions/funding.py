"""Funding: attempts on the programme, entitlements, claims, payments and the ledger."""

import itertools
from typing import Any, Final

from deploy.demo import bank
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared, operations
from tests.funding.world import BANK_DETAILS, FundingWorld, attendance_recorded, money
from tests.support.callers import APPROVER, CARER, FINANCE, FUNDING_OFFICER, NOBODY

_number = itertools.count(1)


async def scheme(world: FundingWorld) -> Prepared:
    return {"scheme_id": (await world.scheme())["id"], "code": f"scheme_{next(_number)}"}


async def rate_card(world: FundingWorld) -> Prepared:
    """Return the rate card in force, and a year without one."""
    cards = (await world.json(NOBODY, "GET", "/v1/rate-cards"))["items"]
    return {"rate_card_id": cards[0]["id"], "year": 2100 + next(_number)}


def new_rate_card(prepared: Prepared) -> dict[str, Any]:
    days = {"effective_from": f"{prepared['year']}-01-01", "effective_to": f"{prepared['year']}-12-31"}
    rates = {"hour": money(3_000), "half_day": money(9_000), "day": money(18_000)}
    return {"name": "Rates of a year", **rates, **days, "source": "a decision of the board", "certainty": "verified"}


async def cost_limit(world: FundingWorld) -> Prepared:
    """Return a cost limit in force, and a year without one."""
    limits = (await world.json(NOBODY, "GET", "/v1/cost-limits"))["items"]
    return {"cost_limit_id": limits[0]["id"], "year": 1000 + next(_number)}


def new_cost_limit(prepared: Prepared) -> dict[str, Any]:
    days = {"effective_from": f"{prepared['year']}-01-01", "effective_to": f"{prepared['year']}-12-31"}
    limits = {"ceiling": money(3_000), "evidence_above": money(1_000), "days_before": 1, "days_after": 1}
    return {"kind": "travel", **limits, **days, "source": "a decision of the board", "certainty": "verified"}


async def reservation(world: FundingWorld) -> Prepared:
    assembly = await world.plan_assembly(5_000)
    rows = await world.rows("SELECT id FROM reservations WHERE assembly_id = :id", id=assembly)
    return {"reservation_id": rows[0]["id"]}


async def entitlement(world: FundingWorld) -> Prepared:
    return {"entitlement_id": await world.attend(CARER, assembly=await world.plan_assembly(10_000))}


async def entitlement_in_question(world: FundingWorld) -> Prepared:
    """Create an entitlement whose attendance was corrected after a claim."""
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(10_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=recorded.registration_id)
    await world.submitted_claim(CARER, str(row["id"]))
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    return {"entitlement_id": row["id"]}


async def overpaid_entitlement(world: FundingWorld) -> Prepared:
    """Pay for an attendance that is corrected after that."""
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(10_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=recorded.registration_id)
    claim, path = await world.submitted_claim(CARER, str(row["id"])), f"/v1/entitlements/{row['id']}"
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    await world.post_bank_message(await world.released_run(claim))
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    await world.json(FUNDING_OFFICER, "POST", f"{path}/resolve", {"resolution": "corrected"})
    return {"entitlement_id": row["id"]}


async def bank_details(world: FundingWorld) -> Prepared:
    await world.add_bank_details(CARER)
    return {"payee_id": (await world.json(CARER, "GET", "/v1/payees"))["items"][0]["id"]}


async def draft_claim(world: FundingWorld) -> Prepared:
    await world.add_bank_details(CARER)
    return {"claim_id": await world.draft_claim(CARER)}


async def submitted_claim(world: FundingWorld) -> Prepared:
    claim = await world.submitted_claim(CARER)
    return {
        "claim_id": claim,
        "approval": {"decision": "approved", "duplicates_checked": await world.duplicates(claim)},
    }


async def approved_claim(world: FundingWorld) -> Prepared:
    return {"claim_id": await world.approved_claim(CARER)}


async def planned_run(world: FundingWorld) -> Prepared:
    """Return a run of another officer than the one who will release it."""
    run = await world.json(FINANCE, "POST", "/v1/payment-runs", {"claims": [await world.approved_claim(CARER)]})
    return {"run_id": run["id"]}


async def released_run(world: FundingWorld) -> Prepared:
    run = await world.released_run(await world.approved_claim(CARER))
    return {"run_id": run, "message": bank.status_report(await world.download_file(run))}


async def bank_message(world: FundingWorld) -> Prepared:
    run = await world.released_run(await world.approved_claim(CARER))
    return {"message_id": (await world.post_bank_message(run)).json()["id"]}


async def transaction(world: FundingWorld) -> Prepared:
    await world.plan_assembly(5_000)
    transactions = await world.json(FINANCE, "GET", "/v1/ledger/transactions")
    return {"transaction_id": transactions["items"][0]["id"]}


COSTS: Final = {"lines": [{"kind": "travel", "amount": money(560), "on": "2026-11-10", "description": "Bus 73"}]}
NOT_PAID: Final = {"outcome": "not_paid", "reason": "The file never reached the bank."}
SCHEME: Final = {"name": "Replacement care", "purpose": "Carers can take part.", "cap": money(100)}

NOUNS: Final = (
    operations("funding"),
    Noun(
        "funding",
        "programme",
        (
            Attempt("GET /v1/programme"),
            Attempt("GET /v1/schemes"),
            Attempt("GET /v1/schemes/{scheme_id}", scheme),
            Attempt("POST /v1/schemes", scheme, lambda prepared: {**SCHEME, "code": prepared["code"]}),
            Attempt("PATCH /v1/schemes/{scheme_id}", scheme, {"name": "Taking part"}),
            Attempt("GET /v1/rate-cards"),
            Attempt("GET /v1/rate-cards/{rate_card_id}", rate_card),
            Attempt("PATCH /v1/rate-cards/{rate_card_id}", rate_card, {"effective_to": "2099-12-31"}),
            Attempt("POST /v1/rate-cards", rate_card, new_rate_card),
            Attempt("GET /v1/cost-limits"),
            Attempt("GET /v1/cost-limits/{cost_limit_id}", cost_limit),
            Attempt("PATCH /v1/cost-limits/{cost_limit_id}", cost_limit, {"effective_to": "2099-12-31"}),
            Attempt("POST /v1/cost-limits", cost_limit, new_cost_limit),
            Attempt("GET /v1/reservations"),
            Attempt("GET /v1/reservations/{reservation_id}", reservation),
            Attempt("POST /v1/reservations/{reservation_id}/release", reservation),
            Attempt(
                "POST /v1/reservations/{reservation_id}/extend",
                reservation,
                {"amount": money(500), "reason": "More people came."},
            ),
            Attempt("GET /v1/reservations/{reservation_id}/extensions", reservation),
        ),
        scopes="funding",
    ),
    Noun(
        "funding",
        "claims",
        (
            Attempt("POST /v1/payees", body=BANK_DETAILS),
            Attempt("GET /v1/payees"),
            Attempt("GET /v1/payees/{payee_id}", bank_details),
            Attempt("PUT /v1/payees/{payee_id}", bank_details, BANK_DETAILS),
            Attempt("GET /v1/entitlements"),
            Attempt("GET /v1/entitlements?in_question=true"),
            Attempt("GET /v1/entitlements?overpaid=true"),
            Attempt("GET /v1/entitlements/{entitlement_id}", entitlement),
            Attempt("GET /v1/entitlements/{entitlement_id}/recoveries", entitlement),
            Attempt(
                "POST /v1/entitlements/{entitlement_id}/recoveries",
                overpaid_entitlement,
                {"outcome": "written_off", "amount": money(10), "reason": "Too little to ask for."},
            ),
            Attempt(
                "POST /v1/entitlements/{entitlement_id}/resolve", entitlement_in_question, {"resolution": "stands"}
            ),
            Attempt("POST /v1/claims", entitlement, lambda prepared: {**COSTS, **prepared}),
            Attempt("GET /v1/claims"),
            Attempt("GET /v1/claims?everyone=true"),
            Attempt("GET /v1/claims/{claim_id} (a draft)", draft_claim),
            Attempt("GET /v1/claims/{claim_id} (submitted)", submitted_claim),
            Attempt("PATCH /v1/claims/{claim_id}", draft_claim, COSTS),
            Attempt("DELETE /v1/claims/{claim_id}", draft_claim),
            Attempt("POST /v1/claims/{claim_id}/submit", draft_claim),
            Attempt("POST /v1/claims/{claim_id}/decisions", submitted_claim, lambda prepared: prepared["approval"]),
        ),
        scopes="funding",
        owner=CARER,
    ),
    Noun(
        "funding",
        "payments",
        (
            Attempt("GET /v1/payment-runs"),
            Attempt("POST /v1/payment-runs", approved_claim, lambda prepared: {"claims": [prepared["claim_id"]]}),
            Attempt("GET /v1/payment-runs/{run_id}", planned_run),
            Attempt("GET /v1/payment-runs/{run_id}/payments", planned_run),
            Attempt("POST /v1/payment-runs/{run_id}/cancel", planned_run),
            Attempt("POST /v1/payment-runs/{run_id}/release", planned_run),
            Attempt("GET /v1/payment-runs/{run_id}/file", released_run),
            Attempt("POST /v1/payment-runs/{run_id}/resolve", released_run, NOT_PAID),
            Attempt("GET /v1/bank-messages"),
            Attempt("GET /v1/bank-messages/{message_id}", bank_message),
            Attempt("GET /v1/bank-messages/{message_id}/payments", bank_message),
            Attempt(
                "POST /v1/bank-messages",
                released_run,
                content=lambda prepared: prepared["message"],
                headers={"Content-Type": "application/xml"},
            ),
            Attempt("GET /v1/ledger"),
            Attempt("GET /v1/ledger/accounts"),
            Attempt("GET /v1/ledger/transactions"),
            Attempt("GET /v1/ledger/transactions/{transaction_id}", transaction),
            Attempt("GET /v1/ledger/proof"),
        ),
        scopes="funding",
        owner=CARER,
    ),
)
