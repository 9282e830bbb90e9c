"""A PostgreSQL and a Kafka for scripts that measure or break things: as safe as in production, and gone afterwards."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from deploy.engines import databases, places
from deploy.engines.kafka import Broker
from deploy.engines.postgres import Cluster

PASSWORD = "for-this-run-alone"


@contextmanager
def engines(*, kafka: bool = True) -> Generator[tuple[Cluster, Broker]]:
    """Both running, with every service's role and database; the broker is not started without `kafka`."""
    account = places.unprivileged()
    programs = places.database_folder()
    parent = programs if account.uid is not None else Path(tempfile.gettempdir())
    home = Path(tempfile.mkdtemp(prefix="impact-script-", dir=parent))
    account.own(home)
    cluster = Cluster(home, home / "log", PASSWORD, places.free_port(), account, programs_in=programs)
    broker_home = Path(tempfile.mkdtemp(prefix="impact-script-"))
    broker = Broker(broker_home, broker_home / "log", places.free_port(), places.free_port())
    try:
        cluster.start()
        if kafka:
            broker.start()
            broker.wait()
        cluster.wait()
        databases.set_up(cluster, dict.fromkeys(databases.SERVICES, PASSWORD))
        yield cluster, broker
    finally:
        broker.stop()
        cluster.stop()
        for folder in (home, broker_home):
            shutil.rmtree(folder, ignore_errors=True)
