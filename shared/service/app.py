"""How every service starts: problems, callers, deadlines, traces, figures, logs, health and a clean end."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared import disclosure, problems, tracing
from shared import logging as logs
from shared.event_log.embedded.log import EventLog
from shared.event_log.kafka import KafkaLog
from shared.event_log.protocol import Log, LogError
from shared.http.openapi import describe
from shared.messaging.dispatcher import EventDispatcher, EventHandlers, is_outage
from shared.messaging.group_consumer import GroupConsumer
from shared.messaging.redriver import Redriver
from shared.messaging.relay import Relay
from shared.persistence.idempotency import Replayed
from shared.persistence.unit_of_work import Database
from shared.service.background import Background, Job
from shared.service.health import Check, health_router
from shared.service.maintenance import run_maintenance
from shared.service.middleware import RequestContext
from shared.settings import ServiceSettings, Settings

logger = logging.getLogger(__name__)

LOST_A_RACE = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL gave this transaction up for another's sake (serialization, deadlock, lock timeout): try again."""

NOT_A_TEXT = frozenset({"22021", "22P05"})
"""PostgreSQL keeps no text with the character NUL."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

WorkerJob = Callable[[Database, asyncio.Event], Awaitable[None]]
"""Runs until the event is set, and commits by `database.transaction()`."""


def create_service(
    settings: ServiceSettings,
    routers: Sequence[APIRouter],
    *,
    jobs: Mapping[str, Job] | None = None,
    checks: Mapping[str, Check] | None = None,
    database: Database | None = None,
    resources: Mapping[str, Any] | None = None,
) -> FastAPI:
    """The API process of a service.

    `jobs` run beside the requests; `checks` say what else must be well to be ready; `resources` are what the endpoints
    share, by its name on `app.state`.
    """
    database = database or Database(settings.database.get_secret_value(), settings.service, pool=settings.database_pool)
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


def create_worker(
    settings: ServiceSettings, handlers: Sequence[EventHandlers], *, jobs: Mapping[str, WorkerJob] | None = None
) -> FastAPI:
    """The event process of a service: relays what it published, handles what it listens to, and runs its `jobs`."""
    database = Database(settings.database.get_secret_value(), settings.service, pool=settings.database_pool)
    log = log_of(settings)
    relay = Relay(database.dsn, settings.service, log)
    dispatcher = EventDispatcher(database, handlers)
    following = GroupConsumer(log, dispatcher)
    work: dict[str, WorkerJob] = {"housekeeping": run_maintenance, **(jobs or {})}
    background = Background(
        {"relay": relay.run, "consumer": following.run, "redriving": Redriver(dispatcher).run}
        | {name: partial(job, database) for name, job in work.items()}
    )
    checks = {
        "database": database_check(database),
        "event log": log_check(log, dispatcher.topics),
        "relay": relay.check,
        "consumer": following.check,
        "jobs": background.check,
    }
    return create_app(settings, database, background, checks, closing=log.close)


def log_of(settings: Settings) -> Log:
    """Kafka where there is one, else the embedded event log."""
    if settings.kafka_bootstrap_servers:
        return KafkaLog(settings.kafka_bootstrap_servers)
    if settings.event_log_url is None:
        raise ValueError(
            "set KAFKA_BOOTSTRAP_SERVERS or EVENT_LOG_URL: without an event log a service is deaf and mute"
        )
    return EventLog(settings.event_log_url.get_secret_value())


def log_check(log: Log, topics: Sequence[str]) -> Check:
    async def check() -> str | None:
        try:
            async with asyncio.timeout(5):
                await log.ends(topics[:1])
        except (LogError, TimeoutError) as error:
            return f"the event log does not answer ({type(error).__name__})"
        return None

    return check


def create_app(
    settings: ServiceSettings,
    database: Database,
    background: Background,
    checks: Mapping[str, Check],
    *,
    closing: Callable[[], Awaitable[None]] | None = None,
) -> FastAPI:
    """What an API process and a worker have in common."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        logs.start(settings.service, settings.log_level)
        tracing.start(settings.service, settings.otel_exporter_otlp_endpoint)
        async with background.running():
            yield
            app.state.draining = True
        if closing is not None:
            await closing()
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
    _answer_problems(app)
    app.add_middleware(
        RequestContext,
        service=settings.service,
        public_url=settings.public_url,
        longest=settings.request_timeout_seconds,
    )
    app.add_middleware(tracing.Tracing)
    return app


def database_check(database: Database) -> Check:
    async def check() -> str | None:
        try:
            async with database.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, PoolTimeout) as error:
            return f"the database does not answer ({type(error).__name__})"
        return None

    return check


def _answer_problems(app: FastAPI) -> None:
    def answered(request: Request, problem: problems.Problem) -> Response:
        return problem.response(app.state.settings.public_url, problems.instance_of(request.scope))

    async def problem(request: Request, wrong: problems.Problem) -> Response:
        return answered(request, wrong)

    async def invalid(request: Request, wrong: RequestValidationError) -> Response:
        if isinstance(wrong.body, bytes):  # FastAPI reads a body as JSON only where its Content-Type says so.
            unsaid = problems.WrongMediaType("Send JSON, with the header Content-Type: application/json.")
            return answered(request, unsaid)
        return answered(
            request, problems.Invalid(errors=[problems.field_error(error, wrong.body) for error in wrong.errors()])
        )

    async def http(request: Request, wrong: HTTPException) -> Response:
        known = {
            404: problems.NotFound,
            405: problems.MethodNotAllowed,
            400: problems.BadRequest,
            413: TooLarge,
            415: problems.WrongMediaType,
        }
        kind = known.get(wrong.status_code, problems.Unexpected)
        headers = {"Allow": ", ".join(_methods(app, request))} if wrong.status_code == 405 else wrong.headers
        return answered(request, kind(headers=headers))

    async def replayed(_request: Request, wrong: Replayed) -> Response:
        return wrong.response

    async def stale(request: Request, _wrong: Exception) -> Response:
        return answered(request, problems.PreconditionFailed())

    async def conflict(request: Request, wrong: Exception) -> Response:
        logger.warning("the database refused: %s", type(getattr(wrong, "orig", wrong)).__name__)
        return answered(request, problems.Conflict())

    async def not_ready(request: Request, wrong: Exception) -> Response:
        logger.warning("the database does not answer: %s", type(wrong).__name__)
        return answered(request, problems.NotReady(headers={"Retry-After": "2"}))

    async def database(request: Request, wrong: Exception) -> Response:
        state = getattr(getattr(wrong, "orig", None), "sqlstate", None)
        if state in NOT_A_TEXT:
            return answered(request, CharacterNotKept())
        if state in LOST_A_RACE or is_outage(wrong):
            return await not_ready(request, wrong)
        raise wrong

    handlers: dict[type[Exception], Any] = {
        problems.Problem: problem,
        RequestValidationError: invalid,
        HTTPException: http,
        Replayed: replayed,
        StaleDataError: stale,
        IntegrityError: conflict,
        DBAPIError: database,
        OperationalError: not_ready,
        PoolTimeout: not_ready,
        asyncpg.PostgresConnectionError: not_ready,
        ConnectionError: not_ready,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


class CharacterNotKept(problems.Invalid):
    title = "One of these texts has a character that cannot be kept"
    detail = "Take the character NUL (\\u0000) out of what you send. Nothing was changed."


class TooLarge(problems.Problem):
    status = 413
    title = "This is more than can be taken at once"
    detail = "Send it in smaller parts."


def _methods(app: FastAPI, request: Request) -> list[str]:
    """All that this address takes. Starlette tells the methods of the first endpoint alone."""
    asked = [(method, {**request.scope, "method": method}) for method in METHODS]
    return [method for method, scope in asked if any(route.matches(scope)[0] is Match.FULL for route in app.routes)]
