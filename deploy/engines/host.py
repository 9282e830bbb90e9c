"""Where engines keep what they need, and as whom they run."""

import hashlib
import json
import os
import pwd
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.engines.setup_error import SetupError

CHECKOUT = Path(__file__).resolve().parents[2]
ROOTS_HOME = Path("/var/lib/impact")
LEAST_FREE = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Account:
    """The user that a server runs as: None in both means whoever started us."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Give `path` to this user; nothing above it is touched."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def state_folder(checkout: Path = CHECKOUT) -> Path:
    """`.impact/` in the checkout, closed to other users: keys, logs, settings."""
    return private(checkout / ".impact")


def private(folder: Path, account: Account | None = None) -> Path:
    """`folder`, made with mode 700 if it was missing. A folder that exists keeps its mode."""
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            (account or Account()).own(folder)
    except OSError as error:
        raise SetupError(
            f"{folder} cannot be made ({error.strerror}): make its parent folder writable, or run as its owner."
        ) from error
    return folder


def unprivileged() -> Account:
    """PostgreSQL refuses to run as root: then it runs as `postgres` where that user exists, else as `nobody`."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise SetupError("PostgreSQL refuses to run as root and there is no user `nobody` here: run as an ordinary user.")


def database_folder(checkout: Path = CHECKOUT) -> Path:
    """Where PostgreSQL's data lies: in the checkout, or for root in a place that an unprivileged user may enter."""
    if os.geteuid() != 0:
        return state_folder(checkout)
    name = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]
    try:
        if not ROOTS_HOME.is_dir():
            ROOTS_HOME.mkdir()
            # Whatever the umask: another user must pass through this folder of ours to its own.
            ROOTS_HOME.chmod(0o755)
    except OSError as error:
        raise SetupError(f"{ROOTS_HOME} cannot be made ({error.strerror}): run as an ordinary user instead.") from error
    return private(ROOTS_HOME / name, unprivileged())


def need_room(folder: Path) -> None:
    """Refuse early what a full disk would break half-way."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise SetupError(
            f"Only {free // 2**20} MB are free at {folder} and 200 are needed: make room and run this again."
        )


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def stable_port(file: Path, name: str) -> int:
    """The port that `name` had before if it is still free, else another one; remembered in the JSON of `file`."""
    ports: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    port = ports.get(name)
    if not isinstance(port, int) or not is_free(port):
        port = free_port()
        file.write_text(json.dumps(ports | {name: port}, indent=1))
    return port
