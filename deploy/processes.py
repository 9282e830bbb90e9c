"""The processes of the platform, and their settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("evidence", "engagement", "funding")
DEMO = Path(__file__).with_name("demo.env")


@dataclass(frozen=True, slots=True)
class Process:
    """One process: `factory` creates its app; it listens on PORT + `offset`, where PORT is the gateway's."""

    name: str
    service: str
    factory: str
    offset: int

    @property
    def module(self) -> str:
        return self.factory.partition(":")[0]


GATEWAY = Process("gateway", "gateway", "gateway.main:create_app", 0)
APIS = tuple(
    Process(service, service, f"services.{service}.main:create_app", number)
    for number, service in enumerate(SERVICES, 1)
)
WORKERS = tuple(
    Process(f"{service}-worker", service, f"services.{service}.worker:create_app", 10 + number)
    for number, service in enumerate(SERVICES, 1)
)
PROCESSES = (GATEWAY, *APIS, *WORKERS)
"""In the order in which they stop: first the gateway, then the APIs, last the workers."""

PACKAGES = {"gateway": "gateway", **{service: f"services.{service}" for service in SERVICES}}
"""The package of each service's tables and migrations."""


def by_name(name: str) -> Process | None:
    """Return the process of this name (`funding-worker`), or None."""
    return next((process for process in PROCESSES if process.name == name), None)


def demo_settings() -> dict[str, str]:
    """Return the settings of deploy/demo.env."""
    lines = (line.strip() for line in DEMO.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def with_choice_of_library(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with DEMO=empty in two settings: a demo like any other, and one without the library."""
    empty = env.get("DEMO", "").lower() == "empty"
    return {**env, "DEMO": "true", "DEMO_LIBRARY": "empty"} if empty else dict(env)


def addresses(port: int) -> dict[str, str]:
    """Return the URL settings of all services and workers, and the gateway's PUBLIC_URL."""
    ports = {f"{process.name.replace('-', '_').upper()}_URL": port + process.offset for process in (*APIS, *WORKERS)}
    ports["PUBLIC_URL"] = port
    return {name: f"http://127.0.0.1:{number}" for name, number in ports.items()}
