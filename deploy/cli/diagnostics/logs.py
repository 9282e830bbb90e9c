"""`impact logs`: what the processes and engines wrote, all in one stream or one alone."""

import time
from collections.abc import Sequence
from pathlib import Path

import typer

from deploy.engines.setup_error import SetupError

POLL_SECONDS = 0.3
TAIL_BYTES = 256 * 1024


def show(folder: Path, names: Sequence[str], *, lines: int, follow: bool) -> None:
    """Print the last `lines` of each log with the name of its process in front, and with `follow` what comes next.

    Raises SetupError where there is no such log.
    """
    files = {file.stem: file for file in sorted(folder.glob("*.log"))}
    unknown = [name for name in names if name not in files]
    if unknown or not files:
        there = f"choose from {', '.join(files)}" if files else "start it with `make up`"
        raise SetupError(f"There is no log{f' of {unknown[0]}' if unknown else ''} here: {there}.")
    selected = {name: file for name, file in files.items() if not names or name in names}
    ends = {name: _print_tail(name, file, lines) for name, file in selected.items()}
    while follow:
        time.sleep(POLL_SECONDS)
        for name, file in selected.items():
            ends[name] = _print_new(name, file, ends[name])


def _print_tail(name: str, file: Path, lines: int) -> int:
    with file.open("rb") as log:
        end = log.seek(0, 2)
        log.seek(max(0, end - TAIL_BYTES))
        content = log.read(end - log.tell())
    _print(name, content.splitlines()[-lines:] if lines else [])
    return end


def _print_new(name: str, file: Path, start: int) -> int:
    """Print the whole lines after `start`, and return where they end. A log that was replaced is read anew."""
    size = file.stat().st_size if file.exists() else 0
    start = start if start <= size else 0
    if size == start:
        return start
    with file.open("rb") as log:
        log.seek(start)
        content = log.read(size - start)
    whole = content[: content.rfind(b"\n") + 1]
    _print(name, whole.splitlines())
    return start + len(whole)


def _print(name: str, lines: Sequence[bytes]) -> None:
    for line in lines:
        typer.echo(f"{name:18} {line.decode(errors='replace')}")
