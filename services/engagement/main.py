"""The API process of the engagement service."""

from typing import Any

from fastapi import FastAPI

from services.engagement.directory.access_needs.api import router as access_needs
from services.engagement.meetings.access_needs.api import router as own_access_needs
from services.engagement.meetings.assemblies.api import router as assemblies
from services.engagement.meetings.attendance.api import router as attendance
from services.engagement.meetings.registrations.api import router as registrations
from services.engagement.practice.outcomes.api import router as outcomes
from services.engagement.practice.projects.api import router as projects
from services.engagement.settings import EngagementSettings
from services.engagement.surveys.invitations.api import router as invitations
from services.engagement.surveys.responses.api import router as responses
from services.engagement.surveys.responses.writers import BatchWriter
from services.engagement.surveys.results.api import router as results
from services.engagement.surveys.surveys.api import router as surveys
from shared.persistence.database import Database
from shared.service.app import create_service

ROUTERS = [
    surveys,
    invitations,
    results,
    assemblies,
    registrations,
    attendance,
    projects,
    outcomes,
    access_needs,
    own_access_needs,
]


def create_app(settings: EngagementSettings | None = None) -> FastAPI:
    """Return the app of the API process, by default with settings from the environment."""
    settings = settings or EngagementSettings.from_environment()
    database = Database.of(settings)
    app = create_service(settings, ROUTERS, database=database, resources=resources(settings, database))
    # First, and not as an included router: to match the others before would cost a tenth of what a response does.
    app.router.routes[:0] = responses.routes
    return app


def resources(_settings: EngagementSettings, database: Database) -> dict[str, Any]:
    """Return what the endpoints of one process share, by its name on `app.state`."""
    return {"response_writer": BatchWriter(database)}
