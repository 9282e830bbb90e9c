"""The event process of the engagement service."""

from functools import partial

from fastapi import FastAPI

from services.engagement.assemblies.handlers import consumer as assemblies
from services.engagement.guides.handlers import consumer as guides
from services.engagement.items.handlers import consumer as items
from services.engagement.registrations.handlers import consumer as registrations
from services.engagement.results.jobs import close_surveys_that_are_due
from services.engagement.settings import EngagementSettings
from services.engagement.topics.handlers import consumer as topics
from shared.service import create_worker

HANDLERS = [topics, items, guides, assemblies, registrations]


def create_app(settings: EngagementSettings | None = None) -> FastAPI:
    settings = settings or EngagementSettings()  # pyright: ignore[reportCallIssue]  read from the environment
    closing = partial(close_surveys_that_are_due, fewest=settings.fewest_shown)
    return create_worker(settings, HANDLERS, jobs={"closing surveys": closing})
