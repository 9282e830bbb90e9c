"""Who may enter which database: one role each, barred from the others' databases; all of them share the event log."""

from collections.abc import Mapping

from deploy.engines.postgres import Cluster

SERVICES = ("evidence", "engagement", "funding", "gateway")
EVENT_LOG = "event_log"


def set_up(cluster: Cluster, passwords: Mapping[str, str]) -> None:
    """Make roles and databases that are missing; passwords become those given, by service. Safe to run again."""
    roles = set(cluster.sql("SELECT rolname FROM pg_roles").splitlines())
    databases = set(cluster.sql("SELECT datname FROM pg_database").splitlines())
    commands = [f"CREATE ROLE {name};" for name in (*SERVICES, EVENT_LOG) if name not in roles]
    for name in SERVICES:
        secret = passwords[name].replace("'", "''")
        commands.append(f"ALTER ROLE {name} LOGIN PASSWORD '{secret}';")
        commands.append(f"GRANT {EVENT_LOG} TO {name};")
    commands += [f"CREATE DATABASE {name} OWNER {name};" for name in (*SERVICES, EVENT_LOG) if name not in databases]
    everything = (*SERVICES, EVENT_LOG, "postgres", "template1")
    commands += [f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;" for name in everything]
    commands.append(shared_by_all(EVENT_LOG))
    cluster.sql("\n".join(commands))


def shared_by_all(database: str) -> str:
    """SQL that lets every service act as the owner of this event log, so that what one makes there belongs to all."""
    return "\n".join(f"ALTER ROLE {name} IN DATABASE {database} SET role = '{EVENT_LOG}';" for name in SERVICES)
