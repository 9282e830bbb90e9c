"""What the `impact` command knows of the platform that `impact up` runs in this checkout."""

import fcntl
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.engines import host
from deploy.engines.setup_error import SetupError

FILE = "running.json"
PROCESSES = "processes.json"


def remember(state: Path, settings: Mapping[str, str]) -> None:
    """Keep what other commands need: addresses of the gateway, the databases and the event log."""
    _write(state / FILE, settings)


def remember_processes(state: Path, pids: Mapping[str, int]) -> None:
    """Keep which process is which."""
    _write(state / PROCESSES, pids)


def processes(state: Path = host.CHECKOUT / ".impact") -> dict[str, int]:
    """The process ids of the running platform by name: each process, `postgres`, `kafka`, and `impact` itself."""
    file = state / PROCESSES
    return json.loads(file.read_text()) if file.exists() else {}


def environment() -> dict[str, str]:
    """The settings of the running platform: PUBLIC_URL, *_DATABASE_URL and so on.

    The environment's own come first, then the files of SECRETS_DIR, then what `impact up` has written down.
    """
    file = host.CHECKOUT / ".impact" / FILE
    remembered: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    own_environment = {name: value for name, value in os.environ.items() if value}
    folder = Path(own_environment.get("SECRETS_DIR") or remembered.get("SECRETS_DIR") or os.devnull)
    secret = {path.name.upper(): path.read_text().strip() for path in folder.glob("*_url")}
    return {**remembered, **secret, **own_environment}


def setting(name: str) -> str:
    """One of those settings; where it is missing, what to do."""
    value = environment().get(name)
    if not value:
        raise SetupError(f"{name} is not known here: run `make up` first (in another terminal), or set it.")
    return value


def _write(file: Path, content: Mapping[str, object]) -> None:
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        json.dump(content, opened, indent=1)
    beside.rename(file)


@contextmanager
def only_one(state: Path) -> Generator[None]:
    """Hold the checkout's lock; the kernel lets go of it however we end."""
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SetupError("IMPACT is running here already: stop it with Ctrl-C where it runs.") from error
        yield
