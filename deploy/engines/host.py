"""The local machine: folders, ports, disk space, and the user that engines run as."""

import hashlib
import json
import os
import pwd
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from deploy.engines.setup_error import SetupError

CHECKOUT = Path(__file__).resolve().parents[2]
ROOT_STATE_FOLDER = Path("/var/lib/impact")
MIN_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Account:
    """The user that a server runs as; None in both means the current user."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Make this user the owner of `path`, and of nothing above it."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def state_folder(checkout: Path = CHECKOUT) -> Path:
    """Return `.impact/` in the checkout, created with mode 700: keys, logs, settings."""
    return private(checkout / ".impact")


def private(folder: Path, account: Account | None = None) -> Path:
    """Return `folder`, created with mode 700 if it is missing. An existing folder keeps its mode."""
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            (account or Account()).own(folder)
    except OSError as error:
        raise SetupError(
            f"{folder} cannot be created ({error.strerror}): make its parent folder writable, or run as its owner."
        ) from error
    return folder


def unprivileged() -> Account:
    """Return the user for PostgreSQL, which refuses root: `postgres` where it exists, else `nobody`."""
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
    """Return the folder of PostgreSQL's data: in the checkout, or for root one that an unprivileged user may enter."""
    if os.geteuid() != 0:
        return state_folder(checkout)
    name = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]
    try:
        if not ROOT_STATE_FOLDER.is_dir():
            ROOT_STATE_FOLDER.mkdir()
            # Regardless of the umask: another user must be able to pass through this folder.
            ROOT_STATE_FOLDER.chmod(0o755)
    except OSError as error:
        raise SetupError(
            f"{ROOT_STATE_FOLDER} cannot be created ({error.strerror}): run as an ordinary user instead."
        ) from error
    return private(ROOT_STATE_FOLDER / name, unprivileged())


def require_disk_space(folder: Path) -> None:
    """Raise SetupError where the disk has too little space to start an engine."""
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise SetupError(
            f"Only {free // 2**20} MB are free at {folder} and 200 are needed: make room and run this again."
        )


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of 127.0.0.1; on a number that is no port none can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def stable_ports(file: Path) -> dict[str, Any]:
    """Return the ports that `stable_port` has saved in `file`, by name."""
    return read_json(file, int) if file.exists() else {}


def read_json(file: Path, values: type) -> dict[str, Any]:
    """Return the object in a state file, whose `values` are of this type. Raises SetupError where it is damaged."""
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise SetupError(f"{file} cannot be read ({error}): delete it, and run this again.") from error
    if not isinstance(content, dict):
        raise SetupError(f"{file} has no JSON object in it: delete it, and run this again.")
    for name, value in cast("dict[str, Any]", content).items():
        if not isinstance(value, values):
            raise SetupError(f"{file} has a wrong value of {name}: delete it, and run this again.")
    return cast("dict[str, Any]", content)


def write_json(file: Path, content: Mapping[str, object]) -> None:
    """Write a state file whole, by a rename, that only its owner reads."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump(content, output, indent=1)
    temporary.rename(file)


def stable_port(file: Path, name: str) -> int:
    """Return the port that `file` (JSON) has for `name` if it is still free, else a new one, saved there."""
    ports = stable_ports(file)
    port = ports.get(name)
    if port is None or not is_free(port):
        port = free_port()
        write_json(file, ports | {name: port})
    return port
