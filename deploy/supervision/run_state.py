"""The settings and process ids of the platform that `impact up` runs in this checkout, for the other commands."""

import fcntl
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy import processes as process_settings
from deploy.engines import host
from deploy.engines.setup_error import SetupError

SETTINGS_FILE = "running.json"
PROCESSES_FILE = "processes.json"
LOCK_FILE = "lock"
LIBRARY = "demo-library"
"""The name of the process that plants the demo library, while it does."""
STATE = host.CHECKOUT / ".impact"
RUNNING_MESSAGE = "IMPACT is running here already: stop it with Ctrl-C where it runs."
NO_SETTINGS_MESSAGE = (
    f"IMPACT runs here, but {SETTINGS_FILE} is not there: wait until it is ready; if it is, stop it and start it again."
)


def save_settings(state: Path, settings: Mapping[str, str]) -> None:
    """Save the settings that other commands need: URLs of the gateway, the databases and the event log."""
    host.write_json(state / SETTINGS_FILE, settings)


def save_processes(state: Path, pids: Mapping[str, int]) -> None:
    """Save the process ids by name."""
    host.write_json(state / PROCESSES_FILE, pids)


def processes() -> dict[str, int]:
    """Return the process ids of the platform by name: each process, `postgres`, `kafka`, and `impact` itself."""
    return _read(PROCESSES_FILE, int)


def environment() -> dict[str, str]:
    """Return the settings of the running platform: PUBLIC_URL, *_DATABASE_URL and so on.

    Variables of the environment take precedence, then the files of SECRETS_DIR, then what `impact up` saved.
    """
    saved = _read(SETTINGS_FILE, str)
    process_environment = process_settings.with_choice_of_library(
        {name: value for name, value in os.environ.items() if value}
    )
    folder = Path(process_environment.get("SECRETS_DIR") or saved.get("SECRETS_DIR") or os.devnull)
    secret_files = {path.name.upper(): path.read_text().strip() for path in folder.glob("*_url")}
    return {**saved, **secret_files, **process_environment}


def setting(name: str) -> str:
    """Return one of those settings. Raises SetupError where it is missing."""
    return require(environment(), name)


def require(env: Mapping[str, str], *names: str) -> str:
    """Return the first of these settings that is there. Raises SetupError where none is."""
    value = next((env[name] for name in names if env.get(name)), None)
    if value is None:
        was_running = (STATE / SETTINGS_FILE).exists()
        if not was_running and is_running():
            raise SetupError(NO_SETTINGS_MESSAGE)
        alternative = "" if was_running else f", or set {' or '.join(names)}"
        raise SetupError(f"IMPACT is not running: start it with `make up`{alternative}.")
    return value


def is_running() -> bool:
    """Return whether `impact up` runs in this checkout: it holds the lock, which the kernel releases."""
    try:
        with (STATE / LOCK_FILE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _read(name: str, values: type) -> dict[str, Any]:
    """Return what `impact up` saved. A run that has ended left only files that are out of date: then it is empty."""
    file = STATE / name
    return host.read_json(file, values) if file.exists() and is_running() else {}


def require_stopped() -> None:
    """Raise SetupError where IMPACT runs in this checkout."""
    if is_running():
        raise SetupError(RUNNING_MESSAGE)


@contextmanager
def lock_checkout(state: Path) -> Generator[None]:
    """Hold the checkout's lock, which the kernel releases however the process ends. Raises SetupError if it is held."""
    with (state / LOCK_FILE).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SetupError(RUNNING_MESSAGE) from error
        yield
