"""Work in a child of our own making, which has everything imported already and shares that memory with us."""

import asyncio
import gc
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.engines.process import end_with_parent, set_process_name
from deploy.engines.setup_error import SetupError


def freeze_shared_memory() -> None:
    """Before the first fork: let the collector leave alone what is shared, so that pages stay shared."""
    if threading.active_count() != 1:
        raise RuntimeError("a thread was started before the fork")
    gc.collect()
    gc.freeze()


def fork(
    work: Callable[[], None], *, env: Mapping[str, str], log: Path | None = None, name: str = "impact errand"
) -> int:
    """Run `work` in a child with this environment; what it prints goes to `log`. Answers its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # A group of its own: Ctrl-C reaches us alone, and we stop the children in order.
        os.setpgid(0, 0)
        end_with_parent(signal.SIGKILL)
        set_process_name(name)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(env)
        if log is not None:
            _redirect(log)
        work()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    finally:
        # Nothing of the parent's clean-up may run here, whatever happened.
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Errand:
    """One piece of asynchronous work in a child, so that the parent has no event loop; `result` waits for it."""

    def __init__(self, what: str, work: Callable[[], Awaitable[Any]], *, env: Mapping[str, str], log: Path) -> None:
        self.what = what
        self.log = log
        self._from, into = os.pipe()
        log.unlink(missing_ok=True)

        def run() -> None:
            os.close(self._from)
            with os.fdopen(into, "wb") as pipe:
                pickle.dump(asyncio.run(_awaited(work)), pipe)

        self._pid = fork(run, env=env, log=log)
        os.close(into)

    def result(self) -> Any:
        with os.fdopen(self._from, "rb") as pipe:
            result = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        if os.waitstatus_to_exitcode(status):
            raise SetupError(f"{self.what} failed ({_last_line(self.log)}): see {self.log}.")
        return pickle.loads(result)  # noqa: S301 - written by our own child


async def _awaited(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()


def _redirect(log: Path) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"
