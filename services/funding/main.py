"""The API process of the funding service."""

from fastapi import FastAPI

from services.funding.accountability.proof.api import proof_router
from services.funding.ledger.ledger.api import ledger_router
from services.funding.participation.claims.api import claim_router
from services.funding.participation.entitlements.api import entitlement_router
from services.funding.payees.payees.api import payee_router
from services.funding.payments.runs.api import run_router
from services.funding.programme.programme.api import programme_router, scheme_router
from services.funding.programme.rates.api import rate_router
from services.funding.programme.reservations.api import reservation_router
from services.funding.settings import FundingSettings
from shared.service.app import create_service

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
