"""`impact up`: start every process and engine in one command; Ctrl-C stops all of them."""

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
from deploy.supervision import fork, ports, run_state
from deploy.supervision.engines import Engines, event_log_kind
from deploy.supervision.supervisor import Supervisor, exit_status

IMPORTED_LATE = (
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "anyio._backends._asyncio",
    "shared.event_log.embedded.group",
)
"""Modules that a process imports only when it serves. Imported before the fork, so that all share their memory."""
POLL_INTERVAL_SECONDS = 0.2


def up(port: int) -> None:
    """Start everything, print the addresses, and keep it running until it is asked to stop."""
    state = host.state_folder()
    logs = host.private(state / "logs")
    with run_state.lock_checkout(state):
        ports.require_free(port)
        engines = Engines(state, dict(os.environ), event_log_kind())
        supervisor = Supervisor(port, logs, {})
        planters: dict[str, int] = {}
        _stop_at_signals()
        try:
            _start(engines, supervisor, state)
            links = personas.first_links(supervisor.environments["gateway"], logs / "personas.log")
            welcome.show(
                supervisor.environments["gateway"], links, seconds=time.time() - psutil.Process().create_time()
            )
            planters |= _plant_library(supervisor)
            _watch(engines, supervisor, state, planters)
        except KeyboardInterrupt:
            welcome.say("Stopping.")
        finally:
            # A second Ctrl-C does not interrupt the shutdown, which has a timeout.
            for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(signal_number, signal.SIG_IGN)
            for planter in planters.values():
                os.kill(planter, signal.SIGKILL)
            supervisor.stop()
            engines.stop()
    welcome.say("Stopped. `make up` starts it again with the same data.")


def _stop_at_signals() -> None:
    """Stop at Ctrl-C, at SIGTERM, and when the terminal is closed.

    SIGINT comes even where a script started us in the background, which has it ignored. Under `nohup` a closed
    terminal is ignored.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _start(engines: Engines, supervisor: Supervisor, state: Path) -> None:
    keys.ensure(state / "keys")
    engines.start()
    _import_everything()
    fork.freeze_shared_memory()
    engines.wait()
    supervisor.environments = environments(supervisor.port, state, engines)
    run_state.save_settings(state, shared_settings(supervisor.environments))
    migrate.all_databases(supervisor.environments, supervisor.logs)
    supervisor.start()
    supervisor.wait()
    _record_processes(engines, supervisor, state)


def environments(port: int, state: Path, engines: Engines) -> dict[str, dict[str, str]]:
    """Return the environment of each process by name. Variables of the caller's environment override our settings."""
    common: dict[str, str] = {
        **processes.demo_settings(),
        **processes.addresses(port),
        "STATE_DIR": str(state),
        "SEARCH_INDEX_FOLDER": str(state / "search"),
        **processes.with_choice_of_library({name: value for name, value in os.environ.items() if value}),
    }
    if common.get("OIDC_ISSUER") and not os.environ.get("DEMO"):
        common["DEMO"] = "false"
    urls = engines.urls()
    # No service gets another's database URL, though our own environment may have all of them.
    private_names = {name for service_urls in urls.values() for name in service_urls if name.endswith("_DATABASE_URL")}
    shared = {name: value for name, value in common.items() if name not in private_names}
    return {
        process.name: {
            **shared,
            "SECRETS_DIR": str(state / "keys" / process.service),
            **urls[process.service],
        }
        for process in processes.PROCESSES
    }


def shared_settings(environments: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the settings of this run that other commands need."""
    names = (
        "PUBLIC_URL",
        "EVENT_LOG_URL",
        "KAFKA_BOOTSTRAP_SERVERS",
        "DEMO",
        "DEMO_LIBRARY",
        "OIDC_ISSUER",
        "OIDC_GIVES_ROLES",
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


def _plant_library(supervisor: Supervisor) -> dict[str, int]:
    """Plant the demo library, if it belongs here, in a child process. Returns its id by its name."""
    env = supervisor.environments["gateway"]
    if not personas.has_library(env):
        return {}

    def plant_library() -> None:
        from deploy.cli import plant  # noqa: PLC0415  only the child needs it, when all else is ready

        plant.run_beside_platform()

    return {run_state.LIBRARY: fork.fork(plant_library, env=env, name=run_state.LIBRARY)}


def _watch(engines: Engines, supervisor: Supervisor, state: Path, planters: dict[str, int]) -> None:
    """Restart what has ended, for ever. A planter that has ended is done, or said why not."""
    _record_processes(engines, supervisor, state, planters)
    while True:
        for name, pid in list(planters.items()):
            if exit_status(pid) is not None:
                del planters[name]
                _record_processes(engines, supervisor, state, planters)
        revived = [*engines.restart_ended(), *supervisor.restart_ended()]
        for name in revived:
            welcome.say(f"{name} had stopped and was started again.")
        if revived:
            _record_processes(engines, supervisor, state, planters)
        time.sleep(POLL_INTERVAL_SECONDS)


def _record_processes(
    engines: Engines, supervisor: Supervisor, state: Path, planters: Mapping[str, int] | None = None
) -> None:
    children = {name: child.pid for name, child in supervisor.children.items()}
    run_state.save_processes(state, {"impact": os.getpid(), **engines.pids(), **children, **(planters or {})})
