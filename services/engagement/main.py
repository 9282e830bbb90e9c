"""The API process of the engagement service."""

from fastapi import FastAPI

from services.engagement.assemblies.api import assemblies
from services.engagement.attendance.api import attendance
from services.engagement.invitations.api import invitations
from services.engagement.people.api import people
from services.engagement.projects.api import projects
from services.engagement.registrations.api import registrations
from services.engagement.responses.api import hot_path, responses
from services.engagement.responses.gathering import Gathering
from services.engagement.results.api import results
from services.engagement.settings import EngagementSettings
from services.engagement.surveys.api import surveys
from shared.service import create_service

ROUTERS = [surveys, responses, invitations, results, assemblies, registrations, attendance, projects, people]


def create_app(settings: EngagementSettings | None = None) -> FastAPI:
    app = create_service(settings or EngagementSettings(), ROUTERS)  # pyright: ignore[reportCallIssue]  read from the environment
    app.router.routes.insert(0, hot_path)
    app.state.gathering = Gathering(app.state.database)
    return app
