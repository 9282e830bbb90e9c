"""The worker process of the funding service: it handles events and relays the outbox."""

from fastapi import FastAPI

from services.funding.participation.entitlements.handlers import consumer as entitlement_events
from services.funding.programme.reservations.handlers import consumer as reservation_events
from services.funding.settings import FundingSettings
from shared.service.worker import create_worker

HANDLERS = [reservation_events, entitlement_events]


def create_app(settings: FundingSettings | None = None) -> FastAPI:
    """Return the application. Settings default to the environment's."""
    return create_worker(settings or FundingSettings.from_environment(), HANDLERS)
