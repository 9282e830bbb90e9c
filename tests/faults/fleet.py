"""The services as separate processes, which can be killed and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID

import asyncpg
import httpx

from deploy import event_topics, processes
from deploy.cli.migrate import seed
from deploy.engines import databases
from deploy.engines.kafka import Broker
from deploy.engines.postgres import Cluster
from shared.event_log.embedded import log as event_log
from shared.event_log.embedded.log import EventLog
from shared.event_log.kafka import KafkaLog
from shared.event_log.protocol import Log
from shared.persistence.migrations import schema
from tests.support.engines import PASSWORD
from tests.support.ports import reserve_ports
from tests.support.settings import settings_for_tests

SERVICES = ("evidence", "engagement", "funding")
CHECKOUT = Path(__file__).parents[2]


@dataclass
class Fleet:
    """Processes by name (`funding-worker`), each on its own port, with their output in `logs`."""

    settings: Mapping[str, Mapping[str, str]]
    logs: Path
    ports: dict[str, int] = field(default_factory=dict[str, int])
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, subprocess.Popen[bytes]])

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def start(self, name: str) -> None:
        port = self.ports.setdefault(name, reserve_ports())
        process = processes.by_name(name)
        assert process is not None
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "deploy.cli.main", "serve", name, "--port", str(port)],
                cwd=CHECKOUT,
                env={"PATH": os.environ["PATH"], **self.settings[process.service]},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def wait(self, names: Sequence[str], timeout_seconds: float = 90) -> None:
        """Wait until these processes are ready."""
        deadline = monotonic() + timeout_seconds
        for name in names:
            while not self._is_ready(name):
                assert self.running[name].poll() is None, (self.logs / f"{name}.log").read_text()[-3000:]
                assert monotonic() < deadline, f"{name} is not ready: {(self.logs / f'{name}.log').read_text()[-3000:]}"
                sleep(0.2)

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _is_ready(self, name: str) -> bool:
        try:
            return httpx.get(f"{self.url(name)}/health/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def fleet(cluster: Cluster, broker: Broker | None, logs: Path) -> Generator[Fleet]:
    """Start the APIs and workers of all services, on Kafka if there is a broker, and wait until they are ready."""
    common = {name.upper(): str(value) for name, value in settings_for_tests().items()}
    common |= {"DEMO": "true", "LOG_LEVEL": "WARNING"}
    new_fleet = Fleet({service: common | _engine_settings(service, cluster, broker) for service in SERVICES}, logs)
    try:
        for service in SERVICES:
            new_fleet.start(service)
            new_fleet.start(f"{service}-worker")
        new_fleet.wait(list(new_fleet.running))
        yield new_fleet
    finally:
        new_fleet.stop()


def _engine_settings(service: str, cluster: Cluster, broker: Broker | None) -> dict[str, str]:
    log = {"EVENT_LOG_URL": event_log_url(cluster)} if broker is None else {"KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap}
    return {f"{service.upper()}_DATABASE_URL": cluster.url(service, service, PASSWORD), **log}


def event_log_url(cluster: Cluster) -> str:
    return cluster.url(databases.EVENT_LOG, "evidence", PASSWORD)


async def prepare_engines(cluster: Cluster, broker: Broker | None) -> Log:
    """Migrate the databases, add the first figures of funding, and create the topics. Returns the event log."""
    for service in SERVICES:
        await schema.upgrade(processes.PACKAGES[service], cluster.url(service, service, PASSWORD))
    await seed({"FUNDING_DATABASE_URL": cluster.url("funding", "funding", PASSWORD)})
    if broker is None:
        await event_log.ensure_schema(event_log_url(cluster))
    log: Log = EventLog(event_log_url(cluster)) if broker is None else KafkaLog(broker.bootstrap)
    await log.create_topics(event_topics.read())
    return log


async def move_into_past(cluster: Cluster, assembly_id: UUID, starts_at: time) -> None:
    """Let an assembly have begun at this time of its day. No request can: nobody is paid before it has taken place."""
    connection = await asyncpg.connect(cluster.url("engagement", "engagement", PASSWORD))
    try:
        await connection.execute(
            "UPDATE assemblies SET starts_at = $2, version = version + 1 WHERE id = $1", assembly_id, starts_at
        )
    finally:
        await connection.close()
