"""Server processes that end with their parent and do not receive its Ctrl-C."""

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


def end_with_parent(signal_number: signal.Signals) -> None:
    """Let the kernel send this signal to the process when its parent ends, even by kill -9 (Linux only)."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, int(signal_number))


def set_process_name(name: str) -> None:
    """Set the name of this process in `top` and `ps`; Linux keeps the first 15 bytes."""
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
    """Start a server in a new session, and append its output to `log`."""
    user = account or Account()
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - the command is ours
            [str(argument) for argument in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd="/",
            user=user.uid,
            group=user.gid,
            extra_groups=None if user.uid is None else [],
            start_new_session=True,
            # Only the child can ask for this signal, after it has changed its user. The call takes no lock that another
            # thread may have held at the fork.
            preexec_fn=lambda: end_with_parent(parent_death_signal),  # noqa: PLW1509  see above
        )


def stop(server: subprocess.Popen[bytes], *signals: signal.Signals, timeout_seconds: float = 10) -> None:
    """Send each signal in turn, waiting `timeout_seconds` after each; then kill."""
    for signal_number in (*signals, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(signal_number)
        try:
            server.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            continue


def wait_until_ended(pid: int, timeout_seconds: float = 10) -> bool:
    """Wait until a process has ended or is a zombie. Returns False after `timeout_seconds`."""
    try:
        process = psutil.Process(pid)
        deadline = time.monotonic() + timeout_seconds
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        pass
    return True


def last_log_line(log: Path, *, markers: tuple[str, ...] = ("FATAL", "PANIC", "ERROR")) -> str:
    """Return the last line of a log that has one of the markers, or its last line."""
    lines = (
        [line for line in log.read_text(errors="replace").splitlines()[-50:] if line.strip()] if log.exists() else []
    )
    error_lines = [line for line in lines if any(marker in line for marker in markers)]
    return (error_lines or lines or ["it printed nothing"])[-1].strip()
