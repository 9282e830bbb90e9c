"""`impact up`: everything in one command, and nothing left of it after Ctrl-C."""

import importlib
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
from sqlalchemy.orm import configure_mappers

from deploy import keys, processes
from deploy.cli import migrate, personas, welcome
from deploy.engines import host
from deploy.engines.setup_error import SetupError
from deploy.supervision import fork, run_state
from deploy.supervision.engines import Engines, events_wanted
from deploy.supervision.supervisor import Supervisor

KNOWN = ("KAFKA_BOOTSTRAP_SERVERS", "DEMO", "OIDC_ISSUER", "SECRETS_DIR", "STATE_DIR")
IMPORTED_LATE = (
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "anyio._backends._asyncio",
    "shared.event_log.embedded.group",
)
"""What a process imports only when it serves: here, all of them share it."""
LOOK = 0.2
"""Seconds between two looks at whether everything still runs."""


def up(port: int) -> None:
    """Start all of it, say what one can do, and keep it running until asked to stop."""
    state = host.state_folder()
    logs = host.private(state / "logs")
    with run_state.only_one(state):
        _refuse_taken_ports(port)
        engines = Engines(state, dict(os.environ), events_wanted())
        supervisor = Supervisor(port, logs, {})
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.default_int_handler)
        try:
            _start(engines, supervisor, state)
            links = personas.first_links(supervisor.environments["gateway"], logs / "personas.log")
            welcome.show(
                supervisor.environments["gateway"], links, seconds=time.time() - psutil.Process().create_time()
            )
            _watch(engines, supervisor, state)
        except KeyboardInterrupt:
            welcome.say("Stopping.")
        finally:
            # Whoever presses Ctrl-C again gets a clean end all the same; every step of it has a limit.
            for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(name, signal.SIG_IGN)
            supervisor.stop()
            engines.stop()
    welcome.say("Stopped. `make up` starts it again with the same data.")


def _start(engines: Engines, supervisor: Supervisor, state: Path) -> None:
    keys.ensure(state / "keys")
    engines.start()
    _import_everything()
    fork.freeze_shared_memory()
    engines.wait()
    supervisor.environments = environments(supervisor.port, state, engines)
    run_state.remember(state, known(supervisor.environments))
    migrate.all_databases(supervisor.environments, supervisor.logs)
    supervisor.start()
    supervisor.wait()
    _note(engines, supervisor, state)


def environments(port: int, state: Path, engines: Engines) -> dict[str, dict[str, str]]:
    """The whole environment of each process. What the caller's own environment says wins over our settings."""
    common: dict[str, str] = {
        **processes.demo_settings(),
        **processes.addresses(port),
        "STATE_DIR": str(state),
        "SEARCH_INDEX_FOLDER": str(state / "search"),
        **{name: value for name, value in os.environ.items() if value},
    }
    if common.get("OIDC_ISSUER") and not os.environ.get("DEMO"):
        common["DEMO"] = "false"
    own = engines.urls()
    # Nobody is told another service's database, though all of them may stand in our own environment.
    secret = {name for urls in own.values() for name in urls if name.endswith("_DATABASE_URL")}
    shared = {name: value for name, value in common.items() if name not in secret}
    return {
        process.name: {**shared, "SECRETS_DIR": str(state / "keys" / process.service), **own[process.service]}
        for process in processes.PROCESSES
    }


def known(environments: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What other commands may want to know of this run."""
    names = (
        "PUBLIC_URL",
        "EVENT_LOG_URL",
        "KAFKA_BOOTSTRAP_SERVERS",
        "DEMO",
        "OIDC_ISSUER",
        "SECRETS_DIR",
        "STATE_DIR",
    )
    settings = {name: value for name, value in environments["gateway"].items() if name in names}
    for environment in environments.values():
        settings.update(
            {name: value for name, value in environment.items() if name.endswith(("_DATABASE_URL", "_URL"))}
        )
    settings["EVENT_LOG_URL"] = environments["gateway"].get("EVENT_LOG_URL", "")
    return {name: value for name, value in settings.items() if value}


def _import_everything() -> None:
    for module in (*(process.module for process in processes.PROCESSES), *IMPORTED_LATE):
        importlib.import_module(module)
    configure_mappers()


def _watch(engines: Engines, supervisor: Supervisor, state: Path) -> None:
    while True:
        revived = [*engines.revive(), *supervisor.revive()]
        for name in revived:
            welcome.say(f"{name} had stopped and was started again.")
        if revived:
            _note(engines, supervisor, state)
        time.sleep(LOOK)


def _note(engines: Engines, supervisor: Supervisor, state: Path) -> None:
    children = {name: child.pid for name, child in supervisor.children.items()}
    run_state.remember_processes(state, {"impact": os.getpid(), **engines.pids(), **children})


def _refuse_taken_ports(port: int) -> None:
    for process in processes.PROCESSES:
        if not host.is_free(port + process.offset):
            other = port + 1000 if port < 60000 else 8000
            raise SetupError(
                f"Port {port + process.offset} is taken, which the {process.name} needs: "
                f"stop what uses it, or choose others with `make up PORT={other}`."
            )
