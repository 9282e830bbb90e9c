"""The API process of evidence."""

import asyncio
from typing import Any

from fastapi import FastAPI

from services.evidence.discovery.coverage.api import router as coverage
from services.evidence.discovery.search.api import router as search
from services.evidence.discovery.search.index.jobs import IndexFollower
from services.evidence.discovery.search.index.search_index import SearchIndex
from services.evidence.discovery.statistics.api import router as statistics
from services.evidence.exchange.citation_styles.api import items_router as item_citations
from services.evidence.exchange.citation_styles.api import router as citations
from services.evidence.exchange.exports.api import router as exports
from services.evidence.exchange.exports.rules import MAX_CONCURRENT_EXPORTS
from services.evidence.exchange.feeds.api import router as feeds
from services.evidence.exchange.harvests.api import router as harvests
from services.evidence.exchange.imports.api import router as imports
from services.evidence.exchange.imports.conflicts.api import router as import_conflicts
from services.evidence.exchange.imports.rejects.api import router as import_rejects
from services.evidence.exchange.item_records.api import router as item_records
from services.evidence.exchange.oai.api import router as oai
from services.evidence.exchange.retraction_lists.api import router as retractions
from services.evidence.exchange.withdrawals.api import router as import_withdrawals
from services.evidence.library.appraisals.api import router as appraisals
from services.evidence.library.bulk_changes.api import router as bulk_changes
from services.evidence.library.consent.api import router as consent
from services.evidence.library.items.api import router as items
from services.evidence.library.items.editions.api import router as editions
from services.evidence.library.items.redirects import redirect_merged
from services.evidence.library.items.rules import ItemMerged
from services.evidence.library.items.words.commands import check_not_taken_back
from services.evidence.library.proposals.api import router as proposals
from services.evidence.library.renditions.api import router as renditions
from services.evidence.library.retraction_notices.api import router as retraction_notices
from services.evidence.library.topics.api import router as topics
from services.evidence.library.transferability.api import router as transferability
from services.evidence.library.views_counted.counter import ViewCounter
from services.evidence.library.works.duplicates.api import router as duplicates
from services.evidence.library.works.merges.api import router as merges
from services.evidence.line_of_sight.api import router as line_of_sight
from services.evidence.line_of_sight.queries import is_applied
from services.evidence.publications.guides.api import router as guides
from services.evidence.publications.guides.drafts.api import router as guide_drafts
from services.evidence.publications.guides.flags.api import router as guide_flags
from services.evidence.publications.guides.reviews.api import router as guide_reviews
from services.evidence.publications.learning.api import router as learning
from services.evidence.publications.learning.completions.api import router as completions
from services.evidence.publications.requests.answers.api import router as request_answers
from services.evidence.publications.requests.api import router as requests
from services.evidence.publications.requests.doubts.api import router as request_doubts
from services.evidence.publications.requests.queue.api import router as request_queue
from services.evidence.settings import EvidenceSettings
from shared.persistence.database import Database
from shared.service.app import create_service


def create_app(settings: EvidenceSettings | None = None) -> FastAPI:
    settings = settings or EvidenceSettings.from_environment()
    database = Database.of(settings)
    shared = resources(settings, database)
    follower = IndexFollower(database, shared["search_index"])
    app = create_service(
        settings,
        [
            proposals,
            items,
            editions,
            item_records,
            consent,
            retraction_notices,
            renditions,
            transferability,
            guide_flags,
            guide_drafts,
            guide_reviews,
            guides,
            completions,
            learning,
            request_queue,
            request_answers,
            request_doubts,
            requests,
            exports,
            citations,
            item_citations,
            appraisals,
            search,
            coverage,
            statistics,
            topics,
            import_conflicts,
            import_withdrawals,
            imports,
            import_rejects,
            line_of_sight,
            oai,
            harvests,
            feeds,
            duplicates,
            merges,
            bulk_changes,
            retractions,
        ],
        jobs={"search index": follower.follow, "view counts": shared["view_counter"].run},
        checks={"search": follower.check},
        database=database,
        resources=shared,
    )
    app.exception_handler(ItemMerged)(redirect_merged)
    return app


def resources(settings: EvidenceSettings, database: Database) -> dict[str, Any]:
    """Return what the endpoints of one process share, by its name on `app.state`."""
    return {
        "search_index": SearchIndex(settings.search_index_folder),
        "view_counter": ViewCounter(database),
        "is_applied": is_applied,
        "check_words": check_not_taken_back,
        "exports": asyncio.Semaphore(MAX_CONCURRENT_EXPORTS),
    }
