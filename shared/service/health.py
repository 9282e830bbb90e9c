"""Alive, ready, and what is in the way: ready means that work makes progress, not that a process exists."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], Awaitable[str | None]]
"""Answers what is wrong, in a few plain words, or None when all is well."""


def health_router(checks: Mapping[str, Check]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/health/ready")
    async def ready(request: Request) -> Response:
        problems: dict[str, Any] = {}
        for name, check in checks.items():
            try:
                problems[name] = await check() or "ok"
            except (OSError, RuntimeError, TimeoutError) as error:
                problems[name] = f"unreachable ({type(error).__name__})"
        if request.app.state.draining:
            problems["process"] = "stopping"
        healthy = all(word == "ok" for word in problems.values())
        body = orjson.dumps({"status": "ready" if healthy else "not ready", "checks": problems})
        return Response(body, 200 if healthy else 503, media_type="application/json")

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
