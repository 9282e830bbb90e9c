"""The ports that `make up` takes, and who holds one that is not free.

`python -m deploy.supervision.ports` looks before anything is installed: this runs on the standard library alone.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy import processes
from deploy.engines import host
from deploy.engines.setup_error import SetupError
from deploy.supervision import run_state

PROC = Path("/proc")
LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp."""
STEP = 100
MIN_PORT, MAX_PORT = 1024, 65000
DEFAULT_PORT = 8000
COMMAND_LENGTH = 70


def require_free(port: int) -> None:
    """Raise SetupError unless every port of the platform whose gateway has `port` is free: it says who holds which."""
    taken = list(_taken(port))
    if not taken:
        return
    holders = {number: _holder_pid(number) for number, _ in taken}
    lines = [f"Port {number}, which {name} needs, is taken {_describe(holders[number])}." for number, name in taken]
    pids = " ".join(str(pid) for pid in dict.fromkeys(holders.values()) if pid is not None)
    free = next((other for other in _others(port) if not list(_taken(other))), None)
    ways = ([f"stop it with `kill {pids}`"] if pids else ["stop what holds it"]) + (
        [f"choose other ports with `make up PORT={free}`"] if free else []
    )
    advice = ", or ".join(ways)
    raise SetupError("\n".join([*lines, f"{advice[0].upper()}{advice[1:]}."]))


def describe(port: int) -> str:
    """Return which process has which port, for the help."""
    return ", ".join(f"{process.name} {port + process.offset}" for process in processes.PROCESSES)


def _taken(port: int) -> Iterator[tuple[int, str]]:
    for process in processes.PROCESSES:
        if not host.is_free(port + process.offset):
            yield port + process.offset, process.name


def _others(port: int) -> Iterable[int]:
    return (*range(port + STEP, MAX_PORT, STEP), *range(DEFAULT_PORT, port, STEP))


def _describe(pid: int | None) -> str:
    if pid is None:
        return "by a process that cannot be seen from here (of another user, or not on Linux)"
    return f"by process {pid} ({_command(pid)[:COMMAND_LENGTH]}) in {_link(PROC / str(pid) / 'cwd')}"


def _holder_pid(port: int) -> int | None:
    """Return the process that listens on this port, where the kernel lets us see it."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for pid in PROC.glob("[0-9]*"):
        try:
            names = list((pid / "fd").iterdir())
        except OSError:  # it has ended, or is somebody else's
            continue
        if any(_link(name) in sockets for name in names):
            return _first_of_family(int(pid.name))
    return None


def _first_of_family(pid: int) -> int:
    """Return the ancestor with the same command that was first: the one that starts again what ends."""
    parent = next(
        (int(line.split()[1]) for line in _read(PROC / str(pid) / "status").splitlines() if line.startswith("PPid:")), 0
    )
    return _first_of_family(parent) if parent and _command(parent) == _command(pid) else pid


def _command(pid: int) -> str:
    return _read(PROC / str(pid) / "cmdline").replace("\0", " ").strip()


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        for line in _read(PROC / "net" / table).splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def port_from(text: str) -> int:
    """Return the gateway's port that PORT names, or the default one. Raises SetupError where there can be none."""
    try:
        port = int(text or DEFAULT_PORT)
    except ValueError:
        port = 0
    if not MIN_PORT <= port <= MAX_PORT:
        raise SetupError(f"PORT is {text}: set a number from {MIN_PORT} to {MAX_PORT}, such as `make up PORT=9000`.")
    return port


def main() -> None:
    """Exit with 1 and the reason where `make up` could not start here."""
    try:
        port = port_from(os.environ.get("PORT", ""))
        run_state.require_stopped()
        require_free(port)
    except SetupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
