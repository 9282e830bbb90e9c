"""The event process of the engagement service."""

from fastapi import FastAPI

from services.engagement.meetings.assemblies.handlers import consumer as assemblies
from services.engagement.meetings.registrations.handlers import consumer as registrations
from services.engagement.replicas.guides.handlers import consumer as guides
from services.engagement.replicas.items.handlers import consumer as items
from services.engagement.replicas.topics.handlers import consumer as topics
from services.engagement.settings import EngagementSettings
from services.engagement.surveys.results.jobs import close_overdue_surveys
from shared.service.worker import create_worker

HANDLERS = [topics, items, guides, assemblies, registrations]


def create_app(settings: EngagementSettings | None = None) -> FastAPI:
    """Return the app of the event process, by default with settings from the environment."""
    settings = settings or EngagementSettings.from_environment()
    return create_worker(settings, HANDLERS, jobs={"closing surveys": close_overdue_surveys})
