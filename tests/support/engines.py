"""The engines that tests run against: a private PostgreSQL and Apache Kafka, deleted afterwards."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy.engines import databases, host
from deploy.engines.kafka import Broker
from deploy.engines.postgres import Cluster
from tests.support.ports import reserve_ports

PASSWORD = "for-this-run-alone"


@contextmanager
def postgres(*, safe: bool = False) -> Generator[Cluster]:
    """Start a PostgreSQL with a role (password `PASSWORD`) and a database for each service.

    Unless `safe`, commits are not synced to disk, which is fast and may lose data in a crash.
    """
    account = host.unprivileged()
    programs = host.database_folder()
    home = _own_folder(programs if account.uid is not None else Path(tempfile.gettempdir()))
    account.own(home)
    cluster = Cluster(home, home / "log", PASSWORD, reserve_ports(), account, safe=safe, programs_in=programs)
    try:
        cluster.start()
        cluster.wait()
        databases.create_roles_and_databases(cluster, dict.fromkeys(databases.SERVICES, PASSWORD))
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def kafka() -> Generator[Broker]:
    home = _own_folder(Path(tempfile.gettempdir()))
    port = reserve_ports()
    broker = Broker(home, home / "log", port, port + 1)
    try:
        broker.start()
        broker.wait()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(home, ignore_errors=True)


def _own_folder(parent: Path) -> Path:
    """Create a folder named after this process, and delete those of processes that were killed."""
    for stale_folder in parent.glob("impact-tests-*"):
        pid = stale_folder.name.split("-")[2]
        if pid.isdigit() and not psutil.pid_exists(int(pid)) and stale_folder.stat().st_uid in (os.geteuid(), *_uids()):
            shutil.rmtree(stale_folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"impact-tests-{os.getpid()}-", dir=parent))


def _uids() -> tuple[int, ...]:
    uid = host.unprivileged().uid
    return () if uid is None else (uid,)
