"""The API process of the funding service."""

from fastapi import FastAPI

from services.funding.claims.api import claim_router
from services.funding.entitlements.api import entitlement_router
from services.funding.ledger.api import ledger_router
from services.funding.payees.api import payee_router
from services.funding.payments.api import run_router
from services.funding.programme.api import programme_router, scheme_router
from services.funding.proof.api import proof_router
from services.funding.rates.api import rate_router
from services.funding.reservations.api import reservation_router
from services.funding.settings import FundingSettings
from shared.service import create_service

ROUTERS = [
    programme_router,
    scheme_router,
    rate_router,
    reservation_router,
    entitlement_router,
    payee_router,
    claim_router,
    run_router,
    ledger_router,
    proof_router,
]


def create_app(settings: FundingSettings | None = None) -> FastAPI:
    return create_service(settings or FundingSettings(), ROUTERS)  # pyright: ignore[reportCallIssue]  from the environment
