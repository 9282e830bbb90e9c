"""Forked children, which share the memory of everything that the parent has imported."""

import asyncio
import gc
import os
import pickle
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from deploy.engines.process import end_with_parent, set_process_name
from deploy.engines.setup_error import SetupError

T = TypeVar("T")

EXCEPTION = re.compile(r"(\w+\.)*\w+(Error|Exception|Exit|Interrupt): ")


def freeze_shared_memory() -> None:
    """Exclude existing objects from garbage collection before the first fork, so that their pages stay shared."""
    if threading.active_count() != 1:
        raise RuntimeError("a thread was started before the fork")
    gc.collect()
    gc.freeze()


def fork(
    work: Callable[[], None], *, env: Mapping[str, str], log: Path | None = None, name: str = "impact task"
) -> int:
    """Run `work` in a child process with this environment and its output in `log`. Returns its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # A process group of its own: Ctrl-C reaches the parent alone, which stops the children in order.
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
        # The parent's clean-up must not run in the child.
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class ChildTask(Generic[T]):
    """A coroutine run in a child process, so that the parent has no event loop. `result` waits for it."""

    def __init__(
        self, description: str, work: Callable[[], Coroutine[Any, Any, T]], *, env: Mapping[str, str], log: Path
    ) -> None:
        self.description = description
        self.log = log
        self._reader, writer = os.pipe()
        log.unlink(missing_ok=True)

        def run() -> None:
            os.close(self._reader)
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(asyncio.run(work()), pipe)

        self._pid = fork(run, env=env, log=log)
        os.close(writer)

    def result(self) -> T:
        """Wait for the child and return its result. Raises SetupError where it failed."""
        with os.fdopen(self._reader, "rb") as pipe:
            result = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        if os.waitstatus_to_exitcode(status):
            raise SetupError(f"{self.description} failed ({_reason(self.log)}): see {self.log}.")
        return pickle.loads(result)  # noqa: S301 - written by our own child


def _redirect(log: Path) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _reason(log: Path) -> str:
    """Return the exception that ended the child: what follows its first line is the statement and an address."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    exceptions = [line for line in lines if EXCEPTION.match(line)]
    return (exceptions or lines or ["it printed nothing"])[-1]
