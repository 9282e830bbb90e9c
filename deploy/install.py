"""Install what a lock file names into a virtual environment, as `make up` and `make test` do before anything else.

This runs on the standard library alone: `python -m deploy.install VENV LOCK STAMP MESSAGE`.
"""

import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PROGRESS = re.compile(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)")
TICK_SECONDS = 0.5
LINE_SECONDS = 15
"""How often a line is printed where there is no terminal, on which one line is written anew."""


def main(folder: Path, lock: Path, stamp: Path, message: str) -> None:
    """Install unless another set-up of this checkout has done so meanwhile: then it is only waited for."""
    with one_at_a_time():
        inputs = (lock, CHECKOUT / "pyproject.toml", Path(__file__))
        if stamp.exists() and all(stamp.stat().st_mtime >= file.stat().st_mtime for file in inputs):
            return
        print(message, flush=True)
        if not (folder / "bin" / "pip").exists():
            venv.create(folder, symlinks=True, with_pip=True)
        pip = (str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps")
        packages = len(re.findall(r"^[\w.-]+(?:\[.*\])?==", lock.read_text(), re.MULTILINE))
        # The lock names every package, so nothing is left to resolve.
        run((*pip, "--progress-bar=off", "--require-hashes", "-r", str(lock)), packages)
        if lock.parent == Path():
            run((*pip, "--no-build-isolation", "-e", "."), packages)
        stamp.touch()


@contextmanager
def one_at_a_time() -> Generator[None]:
    """Hold a lock on the checkout's folder, which the kernel releases however this process ends."""
    descriptor = os.open(CHECKOUT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is under way: waiting for it.", flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def run(command: Sequence[str], packages: int) -> None:
    """Run pip and show how far it is. Where it fails, print the end of its output, and exit with 1."""
    output: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:  # noqa: S603 - the command is ours
        reader = threading.Thread(target=lambda: output.extend(pip.stdout or ()))
        reader.start()
        try:
            show_progress(output, reader, packages)
        except KeyboardInterrupt:
            pip.terminate()
            raise
    if pip.returncode:
        print("".join(output[-15:]), file=sys.stderr)
        sys.exit("The packages could not be installed: correct what pip says above, and run this again.")


def show_progress(output: Sequence[str], reader: threading.Thread, packages: int) -> None:
    """Print the number of packages and the seconds until the reader has ended."""
    start, next_line = time.monotonic(), float(LINE_SECONDS)
    terminal = sys.stdout.isatty()
    while reader.is_alive():
        reader.join(TICK_SECONDS)
        seconds = time.monotonic() - start
        named = len(set(PROGRESS.findall("".join(output))))
        state = f"  {named} of {packages} packages, {seconds:.0f} seconds"
        if terminal:
            print(f"\r{state}", end="", flush=True)
        elif seconds >= next_line:
            print(state, flush=True)
            next_line += LINE_SECONDS
    if terminal:
        print("\r\033[K", end="", flush=True)


if __name__ == "__main__":
    folder, lock, stamp, message = sys.argv[1:]
    # SIGINT comes even where a script started us in the background, which has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        main(Path(folder), Path(lock), Path(stamp), message)
    except KeyboardInterrupt:
        sys.exit("\nStopped: run this again to go on.")
