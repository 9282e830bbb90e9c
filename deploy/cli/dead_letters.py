"""`impact dead-letters` and `impact replay`: list and redrive events that could not be handled; read the log again."""
# ruff: noqa: PLC0415  each command imports what it needs, so that the others start quickly

import asyncio
from typing import Annotated

import typer

from deploy import processes
from deploy.engines.setup_error import SetupError

app = typer.Typer(
    no_args_is_help=True, help="Events that could not be handled, and those of the same key that wait for them."
)
Service = Annotated[str, typer.Argument(metavar="|".join(processes.SERVICES))]


@app.command("list")
def list_(service: Annotated[str | None, typer.Argument(help="Default: all services.")] = None) -> None:
    """List the parked events, oldest first."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from deploy.cli import parked_events

    rows = [
        row for name in ([service] if service else processes.SERVICES) for row in asyncio.run(parked_events.rows(name))
    ]
    if not rows:
        typer.echo("Nothing is parked: every event was handled.")
        return
    table = Table("Number", "Service", "Event", "Why", "What happened", "Tries", "Since", box=box.SIMPLE_HEAD)
    for name, row in rows:
        why = f"{row.reason}, will be tried again" if row.redrive_at else row.reason
        cells = (row.id, name, row.type or row.topic, why, row.error or "", row.attempts)
        table.add_row(*map(str, cells), f"{row.parked_at:%d %b %H:%M}")
    Console().print(table)
    typer.echo("Fix the cause, then: impact dead-letters redrive SERVICE --number NUMBER")


@app.command()
def show(service: Service, number: int) -> None:
    """Show everything about one parked event."""
    from deploy.cli import parked_events

    rows = [row for _, row in asyncio.run(parked_events.rows(service)) if row.id == number]
    if not rows:
        raise SetupError(f"{service} has no parked event {number}: see `impact dead-letters list {service}`.")
    row = rows[0]
    for name in ("reason", "error", "attempts", "topic", "partition", "log_offset", "key", "parked_at", "redrive_at"):
        typer.echo(f"{name.replace('_', ' '):12} {getattr(row, name)}")
    for name, value in row.headers:
        typer.echo(f"{name:20} {value}")
    typer.echo(parked_events.format_json(row.value))


@app.command()
def redrive(
    service: Service,
    number: Annotated[int | None, typer.Option(help="This event and the later ones of its key.")] = None,
    key: Annotated[str | None, typer.Option(help="All events of this key.")] = None,
    all_keys: Annotated[bool, typer.Option("--all", help="All that is parked.")] = False,
) -> None:
    """Let the service's worker handle parked events again, in the order of each key."""
    if [number is not None, key is not None, all_keys].count(True) != 1:
        raise SetupError("Say which events: --number NUMBER, --key KEY or --all.")
    from deploy.cli import parked_events

    counts = asyncio.run(parked_events.redrive(service, number, key))
    if counts is None:
        raise SetupError(f"{service} has no such parked events: see `impact dead-letters list {service}`.")
    typer.echo(f"{counts.requested - counts.parked} of {counts.requested} were handled.")
    if counts.waiting:
        raise SetupError(
            f"{counts.waiting} still wait for the worker of {service}, which handles them once it runs: "
            "see `impact status`."
        )
    if counts.parked:
        raise SetupError(
            f"{counts.parked} failed again and stay parked: `impact dead-letters list {service}` says why."
        )


def replay_service(
    service: Service,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Required: confirms that the whole log is read.")
    ] = False,
) -> None:
    """Let a service read every event that the log still has. Events that it handled before have no effect."""
    if not from_beginning:
        raise SetupError("Add `--from-beginning` to confirm: a replay starts with the oldest event in the log.")
    from deploy.cli import parked_events

    replayed = asyncio.run(parked_events.replay(service))
    typer.echo(f"{replayed.read:,} events read, {replayed.new:,} of them new to {service}; the others had no effect.")
