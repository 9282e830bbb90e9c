"""Which parts of the platform are working, by the readiness of each service and worker and the gateway's database."""

import asyncio
import time
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import aiohttp
import orjson
from starlette.responses import HTMLResponse

from gateway.settings import SERVICES, GatewaySettings
from gateway.web.layout.page import WebPage
from shared.service.health import Check

CACHE_SECONDS: Final = 2.0
TIMEOUT_SECONDS: Final = 2.0
LABELS: Final = {"ready": "working", "not ready": "having problems", "unreachable": "not responding"}


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """The gateway, a service or a worker: `ready`, `not ready` or `unreachable`, and what its checks say."""

    name: str
    status: str
    checks: dict[str, str]


@dataclass(frozen=True, slots=True)
class PlatformStatus:
    """The gateway, all services and workers."""

    components: tuple[ComponentStatus, ...]

    @property
    def ready(self) -> bool:
        """Whether everything works."""
        return all(component.status == "ready" for component in self.components)

    def as_dict(self) -> dict[str, Any]:
        """Return what programs get."""
        components = {
            component.name: {"status": component.status, "checks": component.checks} for component in self.components
        }
        return {"status": "ready" if self.ready else "degraded", "components": components}


def render_status(page: WebPage, platform: PlatformStatus) -> HTMLResponse:
    """Return the status page."""
    entries = "".join(
        f"<dt>{escape(component.name.capitalize())}</dt>"
        f"<dd>{LABELS.get(component.status, escape(component.status)).capitalize()}{_failed_checks(component)}</dd>"
        for component in platform.components
    )
    headline = (
        "Everything is working."
        if platform.ready
        else "Some parts are not working at the moment. What you have already saved is safe."
    )
    return page.render_html("Status", f"<p><strong>{headline}</strong></p><dl>{entries}</dl>")


def _failed_checks(component: ComponentStatus) -> str:
    checks = [f"{escape(name)}: {escape(result)}" for name, result in component.checks.items() if result != "ok"]
    return f" ({'; '.join(checks)})" if checks else ""


class StatusMonitor:
    """Asks every component for its readiness, at most once in two seconds."""

    def __init__(self, settings: GatewaySettings, check_database: Check) -> None:
        self._check_database = check_database
        services = {service: settings.url_of(service) for service in SERVICES}
        workers = {f"{service} worker": url for service, url in settings.workers().items()}
        self._urls: dict[str, str] = {**services, **workers}
        self._status: PlatformStatus | None = None
        self._fetched_at = 0.0
        self._lock = asyncio.Lock()

    async def status(self) -> PlatformStatus:
        """Return the status of every component, at most two seconds old."""
        async with self._lock:
            if self._status is None or time.monotonic() - self._fetched_at > CACHE_SECONDS:
                async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)) as http:
                    components = await asyncio.gather(
                        self._gateway(), *(_fetch(http, *item) for item in sorted(self._urls.items()))
                    )
                self._status, self._fetched_at = PlatformStatus(tuple(components)), time.monotonic()
            return self._status

    async def _gateway(self) -> ComponentStatus:
        """Return our own status. Our readiness asks for this status, so it is not asked for here."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                result = await self._check_database() or "ok"
        except (OSError, TimeoutError) as error:
            result = f"unreachable ({type(error).__name__})"
        return ComponentStatus("gateway", "ready" if result == "ok" else "not ready", {"database": result})

    async def check(self) -> str | None:
        """Return why the gateway is not ready: only when no service answers, since others may still be used."""
        services = [component for component in (await self.status()).components if component.name in SERVICES]
        unreachable = all(component.status == "unreachable" for component in services)
        return "no service can be reached" if unreachable else None


async def _fetch(http: aiohttp.ClientSession, name: str, url: str) -> ComponentStatus:
    try:
        async with http.get(f"{url}/health/ready") as response:
            readiness: dict[str, Any] = orjson.loads(await response.read())
    except (aiohttp.ClientError, OSError, TimeoutError, orjson.JSONDecodeError):
        return ComponentStatus(name, "unreachable", {})
    checks = {str(check): str(result) for check, result in readiness.get("checks", {}).items()}
    return ComponentStatus(name, str(readiness.get("status", "not ready")), checks)
