"""The API process of the engagement service."""

from typing import Any

from fastapi import FastAPI

from services.engagement.directory.people.api import people
from services.engagement.meetings.assemblies.api import assemblies
from services.engagement.meetings.attendance.api import attendance
from services.engagement.meetings.registrations.api import registrations
from services.engagement.practice.projects.api import projects
from services.engagement.settings import EngagementSettings
from services.engagement.surveys.invitations.api import invitations
from services.engagement.surveys.responses.api import hot_path, responses
from services.engagement.surveys.responses.gathering import Gathering
from services.engagement.surveys.results.api import results
from services.engagement.surveys.surveys.api import surveys
from shared.persistence.unit_of_work import Database
from shared.service.app import create_service

ROUTERS = [surveys, responses, invitations, results, assemblies, registrations, attendance, projects, people]


def create_app(settings: EngagementSettings | None = None) -> FastAPI:
    settings = settings or EngagementSettings()  # pyright: ignore[reportCallIssue]  read from the environment
    database = Database(settings.database.get_secret_value(), settings.service, pool=settings.database_pool)
    app = create_service(settings, ROUTERS, database=database, resources=resources(settings, database))
    app.router.routes.insert(0, hot_path)
    return app


def resources(_settings: EngagementSettings, database: Database) -> dict[str, Any]:
    """What the endpoints of one process share, by its name on `app.state`."""
    return {"gathering": Gathering(database)}
