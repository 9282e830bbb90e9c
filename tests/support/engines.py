"""The engines that tests run against: a PostgreSQL and an Apache Kafka of their own, gone afterwards."""

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
    """A PostgreSQL with every service's role (password `PASSWORD`) and database; fast because it may lose data."""
    account = host.unprivileged()
    programs = host.database_folder()
    home = _own_folder(programs if account.uid is not None else Path(tempfile.gettempdir()))
    account.own(home)
    cluster = Cluster(home, home / "log", PASSWORD, reserve_ports(), account, safe=safe, programs_in=programs)
    try:
        cluster.start()
        cluster.wait()
        databases.set_up(cluster, dict.fromkeys(databases.SERVICES, PASSWORD))
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
    """A folder named after this process; those of runs that were killed are cleared away."""
    for left in parent.glob("impact-tests-*"):
        pid = left.name.split("-")[2]
        if pid.isdigit() and not psutil.pid_exists(int(pid)) and left.stat().st_uid in (os.geteuid(), *_uids()):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"impact-tests-{os.getpid()}-", dir=parent))


def _uids() -> tuple[int, ...]:
    uid = host.unprivileged().uid
    return () if uid is None else (uid,)
