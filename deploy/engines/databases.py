"""Roles and databases: each service has its own, without access to the others'; all share the event log."""

from collections.abc import Mapping

from deploy.engines.postgres import Cluster

SERVICES = ("evidence", "engagement", "funding", "gateway")
EVENT_LOG = "event_log"


def create_roles_and_databases(cluster: Cluster, passwords: Mapping[str, str]) -> None:
    """Create the roles and databases that are missing, and set the passwords, by service. Idempotent."""
    roles = set(cluster.sql("SELECT rolname FROM pg_roles").splitlines())
    databases = set(cluster.sql("SELECT datname FROM pg_database").splitlines())
    commands = [f"CREATE ROLE {name};" for name in (*SERVICES, EVENT_LOG) if name not in roles]
    for name in SERVICES:
        password = passwords[name].replace("'", "''")
        commands.append(f"ALTER ROLE {name} LOGIN PASSWORD '{password}';")
        commands.append(f"GRANT {EVENT_LOG} TO {name};")
    commands += [f"CREATE DATABASE {name} OWNER {name};" for name in (*SERVICES, EVENT_LOG) if name not in databases]
    all_databases = (*SERVICES, EVENT_LOG, "postgres", "template1")
    commands += [f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;" for name in all_databases]
    commands.append(role_switch_sql(EVENT_LOG))
    cluster.sql("\n".join(commands))


def role_switch_sql(database: str) -> str:
    """Return SQL that makes every service act as the owner of this event log, so that all may use its objects."""
    return "\n".join(f"ALTER ROLE {name} IN DATABASE {database} SET role = '{EVENT_LOG}';" for name in SERVICES)
