"""Narrators report the steps of the story: in a terminal with progress bars and links, or not at all (in tests)."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

ANYONE = "anyone"


class ProgressBar(Protocol):
    """A bar with a known number of steps."""

    def step(self) -> None: ...


class Narrator(Protocol):
    """Receives the steps of the story as they are made."""

    def chapter(self, title: str) -> None: ...

    def report(self, text: str, link: str | None = None, *, reader: str = ANYONE) -> None:
        """Report a step. `link` shows its result to `reader`: anyone, or a persona that has signed in."""
        ...

    def progress(self, label: str, total: int) -> AbstractContextManager[ProgressBar]: ...


class SilentNarrator:
    """Discards everything."""

    def chapter(self, title: str) -> None:
        del title

    def report(self, text: str, link: str | None = None, *, reader: str = ANYONE) -> None:
        del text, link, reader

    @contextmanager
    def progress(self, label: str, total: int) -> Generator["SilentNarrator"]:
        del label, total
        yield self

    def step(self) -> None:
        pass


class TerminalNarrator:
    """Prints the steps. Without a terminal (in a pipe or a log) they are plain lines."""

    def __init__(self, gateway: str, console: Console) -> None:
        self._gateway, self._console = gateway, console

    def chapter(self, title: str) -> None:
        self._console.print(f"\n[bold]{title}[/bold]")

    def report(self, text: str, link: str | None = None, *, reader: str = ANYONE) -> None:
        self._console.print(f"  • {text}", highlight=False, soft_wrap=True)
        if link:
            self._console.print(f"    [dim]{self._gateway}{link}  ({reader})[/dim]", soft_wrap=True)

    @contextmanager
    def progress(self, label: str, total: int) -> Generator["_TerminalProgressBar"]:
        columns = (TextColumn("  • {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console) as bars:
            yield _TerminalProgressBar(bars, label, total)


class _TerminalProgressBar:
    def __init__(self, bars: Progress, label: str, total: int) -> None:
        self._bars, self._task = bars, bars.add_task(label, total=total)

    def step(self) -> None:
        self._bars.advance(self._task)
