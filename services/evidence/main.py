"""The API process of evidence."""

import asyncio
from typing import Any

from fastapi import FastAPI

from services.evidence.appraisals.api import routers as appraisals
from services.evidence.coverage.api import router as coverage
from services.evidence.duplicates.api import router as duplicates
from services.evidence.exchange.api import router as imports
from services.evidence.exports.api import routers as exports
from services.evidence.exports.rules import MOST_AT_ONCE as EXPORTS_AT_ONCE
from services.evidence.feeds.api import routers as feeds
from services.evidence.figures.api import router as figures
from services.evidence.guides.api import routers as guides
from services.evidence.harvests.api import router as harvests
from services.evidence.items.api import routers as items
from services.evidence.items.problems import ItemMerged
from services.evidence.items.routes import lead_on
from services.evidence.learning.api import routers as learning
from services.evidence.line_of_sight.api import router as line_of_sight
from services.evidence.merges.api import router as merges
from services.evidence.oai.api import router as oai
from services.evidence.renditions.api import routers as renditions
from services.evidence.requests.api import routers as requests
from services.evidence.retractions.api import router as retractions
from services.evidence.search.api import router as search
from services.evidence.search.following import Follower
from services.evidence.search.index import SearchIndex
from services.evidence.seen.counting import Counting
from services.evidence.settings import EvidenceSettings
from services.evidence.topics.api import router as topics
from services.evidence.transferability.api import router as transferability
from shared.database import Database
from shared.service import create_service


def create_app(settings: EvidenceSettings | None = None) -> FastAPI:
    settings = settings or EvidenceSettings()  # pyright: ignore[reportCallIssue]  read from the environment
    database = Database(settings.database.get_secret_value(), settings.service, pool=settings.database_pool)
    shared = resources(settings, database)
    follower = Follower(database, shared["search_index"])
    app = create_service(
        settings,
        [
            *items,
            *renditions,
            transferability,
            *guides,
            *learning,
            *requests,
            *exports,
            *appraisals,
            search,
            coverage,
            figures,
            topics,
            imports,
            line_of_sight,
            oai,
            harvests,
            *feeds,
            duplicates,
            merges,
            retractions,
        ],
        jobs={"search index": follower.follow, "what is seen": shared["seen"].write},
        checks={"search": follower.check},
        database=database,
        resources=shared,
    )
    app.exception_handler(ItemMerged)(lead_on)
    return app


def resources(settings: EvidenceSettings, database: Database) -> dict[str, Any]:
    """What the endpoints of one process share, by its name on `app.state`."""
    return {
        "search_index": SearchIndex(settings.search_index_folder),
        "seen": Counting(database),
        "exports": asyncio.Semaphore(EXPORTS_AT_ONCE),
    }
