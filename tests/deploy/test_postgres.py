import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

from deploy.engines import databases, host
from deploy.engines.postgres import Cluster
from deploy.engines.setup_error import SetupError
from tests.support.ports import reserve_ports

PASSWORDS = {service: f"secret of {service}" for service in databases.SERVICES}
connect = cast(Any, asyncpg).connect


@pytest.fixture
def cluster(postgres_cluster: Cluster) -> Iterator[Cluster]:
    """Return a second cluster, not started, with the programs of the first."""
    home = postgres_cluster.home / "second"
    host.private(home, postgres_cluster.account)
    second_cluster = Cluster(
        home,
        home / "log",
        "superuser's",
        reserve_ports(),
        postgres_cluster.account,
        safe=False,
        programs_in=postgres_cluster.programs_in,
    )
    yield second_cluster
    second_cluster.stop()
    shutil.rmtree(home)


async def can_connect(cluster: Cluster, role: str, database: str) -> bool:
    try:
        connection = await connect(cluster.url(database, role, "").replace(":@", "@"), password=PASSWORDS[role])
    except asyncpg.InsufficientPrivilegeError:
        return False
    await connection.close()
    return True


async def test_a_service_enters_its_own_database_and_the_event_log_and_no_other(cluster: Cluster) -> None:
    cluster.start()
    cluster.wait()
    databases.create_roles_and_databases(cluster, PASSWORDS)
    for role in databases.SERVICES:
        all_databases = (*databases.SERVICES, databases.EVENT_LOG, "postgres", "template1")
        accessible = {name for name in all_databases if await can_connect(cluster, role, name)}
        assert accessible == {role, databases.EVENT_LOG}


async def test_a_crash_and_a_second_start_keep_data_and_an_unchanged_set_up_may_run_again(cluster: Cluster) -> None:
    cluster.safe = True
    cluster.start()
    cluster.wait()
    databases.create_roles_and_databases(cluster, PASSWORDS)
    cluster.sql("CREATE TABLE kept AS SELECT 42 AS answer", "funding")
    cluster.kill()
    assert not cluster.is_running()

    cluster.start()
    cluster.wait()
    databases.create_roles_and_databases(cluster, PASSWORDS)

    assert cluster.sql("SELECT answer FROM kept", "funding") == "42"


def test_a_stale_process_id_in_postmaster_pid_is_removed(cluster: Cluster) -> None:
    cluster.start()
    cluster.wait()
    cluster.stop()
    stale = cluster.data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{cluster.data}\n")
    cluster.account.own(stale)

    cluster.start()
    cluster.wait()

    assert cluster.sql("SELECT 1") == "1"


def test_a_server_that_outlived_its_supervisor_is_ended_before_the_next_starts(cluster: Cluster) -> None:
    cluster.start()
    cluster.wait()
    orphan, cluster._server = cluster._server, None  # pyright: ignore[reportPrivateUsage] - as if the supervisor had been killed
    assert orphan is not None

    cluster.start()
    cluster.wait()

    assert orphan.wait(10) == 0


def test_an_incomplete_data_folder_is_reported_with_the_remedy(cluster: Cluster) -> None:
    (cluster.data / "global").mkdir(parents=True)

    with pytest.raises(SetupError, match=r"is incomplete: .*`make reset`"):
        cluster.start()


def test_a_partial_initdb_is_not_used(cluster: Cluster) -> None:
    (cluster.home / "data.new" / "base").mkdir(parents=True)

    cluster.start()
    cluster.wait()

    assert cluster.sql("SELECT 1") == "1"


def test_data_of_another_version_is_reported(cluster: Cluster) -> None:
    (cluster.data / "global").mkdir(parents=True)
    (cluster.data / "global" / "pg_control").touch()
    (cluster.data / "PG_VERSION").write_text("14\n")

    with pytest.raises(SetupError, match="was written by PostgreSQL 14 and this is 18"):
        cluster.start()


def test_a_port_in_use_is_reported(cluster: Cluster, postgres_cluster: Cluster) -> None:
    cluster.port = postgres_cluster.port

    with pytest.raises(SetupError, match=f"Port {cluster.port} is taken"):
        cluster.start()


def test_a_full_disk_is_reported_before_anything_is_written(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=10 * 2**20)

    def usage(_path: Path) -> object:
        return full

    monkeypatch.setattr(shutil, "disk_usage", usage)

    with pytest.raises(SetupError, match=r"Only 10 MB are free .* make room"):
        cluster.start()
    assert not cluster.data.exists()


def test_no_folder_above_the_data_changes_its_permissions(cluster: Cluster) -> None:
    parents = [folder for folder in cluster.home.parents if folder != Path("/")]
    modes_before = [stat.S_IMODE(folder.stat().st_mode) for folder in parents]

    cluster.start()
    cluster.wait()

    assert [stat.S_IMODE(folder.stat().st_mode) for folder in parents] == modes_before
    assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
