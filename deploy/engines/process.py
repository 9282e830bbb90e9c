"""A server that we started: it ends with us, and never hears the Ctrl-C that was meant for us."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from deploy.engines.host import Account

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
_libc = ctypes.CDLL(None)


def end_with_parent(how: signal.Signals) -> None:
    """Have the kernel send `how` to this process when its parent is gone: kill -9 leaves nobody behind (Linux only)."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, int(how))


def set_process_name(name: str) -> None:
    """The name of this process in `top` and `ps`, of which Linux keeps 15 letters."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_NAME, name.encode()[:15])


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    parent_death_signal: signal.Signals,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own; what it says goes to the end of `log`."""
    who = account or Account()
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - the command is ours
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd="/",
            user=who.uid,
            group=who.gid,
            extra_groups=None if who.uid is None else [],
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(parent_death_signal),
        )


def stop(server: subprocess.Popen[bytes], *signals: signal.Signals, patience: float = 10) -> None:
    """Ask with each signal in turn, waiting `patience` seconds after each; kill in the end."""
    for how in (*signals, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(how)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def ended(pid: int, patience: float = 10) -> bool:
    """Whether a process is gone, or dead and not yet buried by its parent, within `patience` seconds."""
    try:
        process = psutil.Process(pid)
        end = time.monotonic() + patience
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        pass
    return True


def last_log_line(log: Path, *, marks: tuple[str, ...] = ("FATAL", "PANIC", "ERROR")) -> str:
    """The last line of a log that says what was wrong, or its last line."""
    lines = (
        [line for line in log.read_text(errors="replace").splitlines()[-50:] if line.strip()] if log.exists() else []
    )
    telling = [line for line in lines if any(mark in line for mark in marks)]
    return (telling or lines or ["it said nothing"])[-1].strip()
