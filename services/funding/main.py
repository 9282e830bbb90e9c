"""The API process of the funding service."""

from fastapi import FastAPI

from services.funding.accountability.proof.api import router as proof_router
from services.funding.ledger.ledger.api import router as ledger_router
from services.funding.participation.claims.api import router as claims_router
from services.funding.participation.entitlements.api import router as entitlements_router
from services.funding.participation.extensions.api import router as extensions_router
from services.funding.participation.recoveries.api import router as recoveries_router
from services.funding.payees.payees.api import router as payees_router
from services.funding.payments.bank_messages.api import router as bank_messages_router
from services.funding.payments.decisions.api import router as decisions_router
from services.funding.payments.outcomes.api import router as outcomes_router
from services.funding.payments.runs.api import router as runs_router
from services.funding.programme.cost_limits.api import router as cost_limits_router
from services.funding.programme.programme.api import router as programme_router
from services.funding.programme.rates.api import router as rates_router
from services.funding.programme.reservations.api import router as reservations_router
from services.funding.programme.schemes.api import router as schemes_router
from services.funding.settings import FundingSettings
from shared.service.app import create_service

ROUTERS = [
    programme_router,
    schemes_router,
    rates_router,
    cost_limits_router,
    reservations_router,
    extensions_router,
    entitlements_router,
    payees_router,
    recoveries_router,
    claims_router,
    decisions_router,
    runs_router,
    bank_messages_router,
    outcomes_router,
    ledger_router,
    proof_router,
]


def create_app(settings: FundingSettings | None = None) -> FastAPI:
    """Return the application. Settings default to the environment's."""
    return create_service(settings or FundingSettings.from_environment(), ROUTERS)
