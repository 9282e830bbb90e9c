"""The event process of evidence."""

from fastapi import FastAPI

from services.evidence.exchange.harvests.jobs import Harvester
from services.evidence.exchange.imports.jobs import read_imports
from services.evidence.exchange.oai.stamping import stamp_records
from services.evidence.exchange.retraction_lists.jobs import read_retractions
from services.evidence.library.appraisals.handlers import consumer as appraisals
from services.evidence.library.renditions.handlers import consumer as renditions
from services.evidence.library.topics.handlers import consumer as topics
from services.evidence.library.topics.jobs import keep_priorities_of_today
from services.evidence.library.transferability.handlers import consumer as transferability
from services.evidence.library.works.duplicates.jobs import compare_works
from services.evidence.line_of_sight.handlers import consumer as line_of_sight
from services.evidence.publications.guides.citations.handlers import consumer as guides
from services.evidence.publications.learning.handlers import consumer as learning
from services.evidence.settings import EvidenceSettings
from shared.service.app import create_worker

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
