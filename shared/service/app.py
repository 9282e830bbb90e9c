"""The API process of a service, and what every process of a service has: lifespan, health, middleware, problems."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from shared import disclosure, tracing
from shared import logging as structured_logging
from shared.http.openapi import describe
from shared.persistence.database import Database
from shared.service.background import Background, BackgroundJob
from shared.service.health import Check, database_check, health_router
from shared.service.middleware import RequestContext
from shared.service.problem_handlers import add_problem_handlers
from shared.settings import ServiceSettings


def create_service(
    settings: ServiceSettings,
    routers: Sequence[APIRouter],
    *,
    jobs: Mapping[str, BackgroundJob] | None = None,
    checks: Mapping[str, Check] | None = None,
    database: Database | None = None,
    resources: Mapping[str, Any] | None = None,
) -> FastAPI:
    """Return the API process of a service.

    `jobs` run beside the requests; the service is ready while all `checks` pass; `resources` are shared by the
    endpoints, each by its name on `app.state`.
    """
    database = database or Database.of(settings)
    background = Background(jobs or {})
    app = create_app(
        settings,
        database,
        background,
        {"database": database_check(database), "jobs": background.check, **(checks or {})},
    )
    for name, resource in (resources or {}).items():
        setattr(app.state, name, resource)
    for router in routers:
        app.include_router(router)
    describe(app, f"services.{settings.service}")
    return app


def create_app(
    settings: ServiceSettings,
    database: Database,
    background: Background,
    checks: Mapping[str, Check],
    *,
    close: Callable[[], Awaitable[None]] | None = None,
) -> FastAPI:
    """Return what the API process and the worker have in common.

    `close` is called at the end, after the jobs have stopped and before the database is closed.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        structured_logging.configure(settings.service, settings.log_level)
        tracing.start(settings.service, settings.otel_exporter_otlp_endpoint, settings.traces_per_second)
        async with background.running():
            yield
            app.state.draining = True
        if close is not None:
            await close()
        await database.close()
        tracing.stop()

    app = FastAPI(
        title=f"IMPACT {settings.service}",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        # FastAPI's own telemetry logs the bodies that it refuses, which may hold personal data.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    disclosure.set_threshold(settings.fewest_shown)
    app.state.database = database
    app.state.draining = False
    app.include_router(health_router(checks))
    add_problem_handlers(app)
    app.add_middleware(
        RequestContext,
        service=settings.service,
        public_url=settings.public_url,
        max_timeout_seconds=settings.request_timeout_seconds,
    )
    app.add_middleware(tracing.Tracing, from_clients=settings.serves_clients)
    return app
