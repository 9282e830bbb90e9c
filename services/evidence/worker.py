"""The event process of evidence."""

from fastapi import FastAPI

from services.evidence.appraisals.handlers import consumer as appraisals
from services.evidence.duplicates.jobs import compare_works
from services.evidence.exchange.jobs import read_imports
from services.evidence.guides.handlers import consumer as guides
from services.evidence.harvests.jobs import Harvester
from services.evidence.learning.handlers import consumer as learning
from services.evidence.line_of_sight.handlers import consumer as line_of_sight
from services.evidence.oai.stamping import stamp_records
from services.evidence.renditions.handlers import consumer as renditions
from services.evidence.retractions.jobs import read_retractions
from services.evidence.settings import EvidenceSettings
from services.evidence.topics.handlers import consumer as topics
from services.evidence.topics.jobs import keep_priorities_of_today
from services.evidence.transferability.handlers import consumer as transferability
from shared.service import create_worker

HANDLERS = [topics, appraisals, guides, learning, line_of_sight, renditions, transferability]


def create_app(settings: EvidenceSettings | None = None) -> FastAPI:
    settings = settings or EvidenceSettings()  # pyright: ignore[reportCallIssue]  read from the environment
    return create_worker(
        settings,
        HANDLERS,
        jobs={
            "imports": read_imports,
            "duplicates": compare_works,
            "retractions": read_retractions,
            "oai stamps": stamp_records,
            "harvests": Harvester(private=settings.harvest_private_addresses).harvest,
            "priorities": keep_priorities_of_today,
        },
    )
