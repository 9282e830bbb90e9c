"""Health endpoints: alive, ready, and metrics. Ready means that work makes progress, not that a process exists."""

from collections.abc import Awaitable, Callable, Mapping

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.persistence.database import Database

Check = Callable[[], Awaitable[str | None]]
"""Returns what is wrong, in a few plain words, or None."""


def health_router(checks: Mapping[str, Check]) -> APIRouter:
    """Return the router of /health/live, /health/ready (503 while a check fails) and /metrics."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/health/ready")
    async def ready(request: Request) -> Response:
        results: dict[str, str] = {}
        for name, check in checks.items():
            try:
                results[name] = await check() or "ok"
            except (OSError, RuntimeError, TimeoutError) as error:
                results[name] = f"unreachable ({type(error).__name__})"
        if request.app.state.draining:
            results["process"] = "stopping"
        healthy = all(result == "ok" for result in results.values())
        body = orjson.dumps({"status": "ready" if healthy else "not ready", "checks": results})
        return Response(body, 200 if healthy else 503, media_type="application/json")

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def database_check(database: Database) -> Check:
    """Return the check that the database runs a statement."""

    async def check() -> str | None:
        try:
            async with database.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, PoolTimeout) as error:
            return f"the database does not respond ({type(error).__name__})"
        return None

    return check
