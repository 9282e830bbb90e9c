"""The event process of evidence."""

from fastapi import FastAPI

from services.evidence.exchange.harvests.jobs import Harvester
from services.evidence.exchange.imports.jobs import process_imports
from services.evidence.exchange.oai.jobs import stamp_records
from services.evidence.exchange.retraction_lists.jobs import process_retraction_lists
from services.evidence.exchange.withdrawals.jobs import ImportWithdrawer
from services.evidence.library.appraisals.handlers import consumer as appraisals
from services.evidence.library.bulk_changes.jobs import make_bulk_changes
from services.evidence.library.renditions.handlers import consumer as renditions
from services.evidence.library.topics.priorities.handlers import consumer as topics
from services.evidence.library.topics.priorities.jobs import update_priorities
from services.evidence.library.transferability.handlers import consumer as transferability
from services.evidence.library.works.duplicates.jobs import compare_works
from services.evidence.line_of_sight.handlers import consumer as line_of_sight
from services.evidence.line_of_sight.queries import is_applied
from services.evidence.publications.guides.citations.handlers import consumer as guides
from services.evidence.publications.learning.handlers import consumer as learning
from services.evidence.publications.quotations.jobs import scan_quotations
from services.evidence.publications.requests.doubts.handlers import consumer as doubts
from services.evidence.publications.requests.handlers import consumer as requests
from services.evidence.settings import EvidenceSettings
from shared.service.worker import create_worker

HANDLERS = [topics, appraisals, guides, learning, doubts, line_of_sight, renditions, requests, transferability]


def create_app(settings: EvidenceSettings | None = None) -> FastAPI:
    settings = settings or EvidenceSettings.from_environment()
    return create_worker(
        settings,
        HANDLERS,
        jobs={
            "imports": process_imports,
            "import withdrawals": ImportWithdrawer(is_applied).run,
            "duplicates": compare_works,
            "bulk changes": make_bulk_changes,
            "retraction lists": process_retraction_lists,
            "oai stamps": stamp_records,
            "harvests": Harvester(allow_private=settings.harvest_private_addresses).run,
            "priorities": update_priorities,
            "quotations": scan_quotations,
        },
    )
