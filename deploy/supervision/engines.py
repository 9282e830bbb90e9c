"""The engines that `impact up` starts where the environment names none."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy import keys
from deploy.engines import databases, host
from deploy.engines.kafka import Broker
from deploy.engines.postgres import Cluster
from deploy.engines.setup_error import SetupError

RESTART_TIMEOUT_SECONDS = 30
STOP_SECONDS = 2.0


class Engine(Protocol):
    """A server that `impact up` starts and supervises."""

    def start(self) -> None: ...
    def wait(self, timeout_seconds: float = ...) -> None: ...
    def stop(self, timeout_seconds: float = ...) -> None: ...
    def is_running(self) -> bool: ...
    @property
    def pid(self) -> int | None: ...


@dataclass(slots=True)
class Engines:
    """PostgreSQL and Kafka of this checkout. Engines that the environment names are used and not started."""

    state: Path
    env: Mapping[str, str]
    events: str
    cluster: Cluster | None = None
    broker: Broker | None = None
    _restarts: dict[str, list[float]] = field(default_factory=dict)

    @property
    def bootstrap(self) -> str | None:
        """The Kafka to use, our own or the environment's; None means the embedded event log."""
        bootstrap = self.env.get("KAFKA_BOOTSTRAP_SERVERS")
        return bootstrap or (self.broker.bootstrap if self.broker else None)

    def start(self) -> None:
        """Start the engines that the environment does not name. `wait` returns once they are ready."""
        bootstrap = self.env.get("KAFKA_BOOTSTRAP_SERVERS")
        log = bootstrap or self.env.get("EVENT_LOG_URL") or self.events == "kafka"
        if not all(self.env.get(_url_name(service)) for service in databases.SERVICES) or not log:
            self.cluster = embedded_cluster(self.state)
            self.cluster.start()
        if self.events == "kafka" and not bootstrap:
            self.broker = self._embedded_broker()
            self.broker.start()

    def wait(self) -> None:
        """Wait until all are ready, and create each service's role and database."""
        if self.cluster:
            self.cluster.wait()
            databases.create_roles_and_databases(self.cluster, keys.database_passwords(self.state / "keys"))
        if self.broker:
            self.broker.wait()

    def stop(self) -> None:
        """Stop what was started, Kafka first: each within STOP_SECONDS, and then it is killed."""
        for engine in self._started_engines().values():
            engine.stop(STOP_SECONDS)

    def pids(self) -> dict[str, int]:
        """Return the process id of each engine that we started."""
        return {name: engine.pid for name, engine in self._started_engines().items() if engine.pid is not None}

    def restart_ended(self) -> list[str]:
        """Restart engines that have ended. Returns their names. Raises SetupError after five restarts in a minute."""
        restarted: list[str] = []
        for name, engine in self._started_engines().items():
            if engine.is_running():
                continue
            now = time.monotonic()
            recent = [at for at in self._restarts.get(name, []) if now - at < 60]
            if len(recent) >= 5:
                raise SetupError(f"{name} stopped {len(recent)} times in a minute: see {self.state / 'logs'}.")
            self._restarts[name] = [*recent, now]
            _restart(engine)
            restarted.append(name)
        return restarted

    def urls(self) -> dict[str, dict[str, str]]:
        """Return the URL settings of each service: its database, and the event log with its own credentials."""
        return {service: self._urls_of(service) for service in databases.SERVICES}

    def _urls_of(self, service: str) -> dict[str, str]:
        name = _url_name(service)
        urls: dict[str, str] = {}
        password = keys.database_passwords(self.state / "keys")[service]
        if self.env.get(name):
            urls[name] = self.env[name]
        elif self.cluster:
            urls[name] = self.cluster.url(service, service, password)
        if self.bootstrap:
            urls["KAFKA_BOOTSTRAP_SERVERS"] = self.bootstrap
        elif self.env.get("EVENT_LOG_URL"):
            urls["EVENT_LOG_URL"] = self.env["EVENT_LOG_URL"]
        elif self.cluster:
            urls["EVENT_LOG_URL"] = self.cluster.url(databases.EVENT_LOG, service, password)
        return urls

    def _started_engines(self) -> dict[str, Engine]:
        engines: dict[str, Engine | None] = {"kafka": self.broker, "postgres": self.cluster}
        return {name: engine for name, engine in engines.items() if engine is not None}

    def _embedded_broker(self) -> Broker:
        home, ports = host.private(self.state / "kafka"), self.state / "ports.json"
        port, controller = (host.stable_port(ports, name) for name in ("kafka", "kafka-controller"))
        return Broker(home, self.state / "logs" / "kafka.log", port, controller)


def embedded_cluster(state: Path) -> Cluster:
    """Return the checkout's PostgreSQL, on the port of its last start if that is free."""
    account = host.unprivileged()
    home = host.private(host.database_folder() / "postgres", account)
    port = host.stable_port(state / "ports.json", "postgres")
    programs = host.database_folder()
    password = keys.superuser_password(state / "keys")
    return Cluster(home, state / "logs" / "postgres.log", password, port, account, programs_in=programs)


def event_log_kind(env: Mapping[str, str] = os.environ) -> str:
    """Return `kafka` or `embedded`, from the variable EVENTS."""
    events = env.get("EVENTS") or "embedded"
    if events not in ("kafka", "embedded"):
        raise SetupError(
            f"EVENTS is {json.dumps(events)}: set EVENTS=kafka, or leave it out for the embedded event log."
        )
    return events


def _restart(engine: Engine) -> None:
    """Start an engine, retrying for a while: its ports may still be in use by its old process."""
    deadline = time.monotonic() + RESTART_TIMEOUT_SECONDS
    while True:
        try:
            engine.start()
        except SetupError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
            continue
        return


def _url_name(service: str) -> str:
    return f"{service.upper()}_DATABASE_URL"
