"""The `impact` command."""
# ruff: noqa: PLC0415  each command imports what it needs, so that the others start quickly

import asyncio
import importlib.util
import os
import socket
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from deploy import keys as secret_keys
from deploy import processes
from deploy.cli import dead_letters
from deploy.engines.setup_error import SetupError
from deploy.supervision import ports
from deploy.version import VERSION
from shared.event_log.protocol import LogError

OUTAGES = (ConnectionRefusedError, ConnectionResetError, TimeoutError, socket.gaierror, LogError)
"""What is raised where a database, the event log or the gateway does not answer."""


class FriendlyGroup(TyperGroup):
    """Print a SetupError, or that a server does not answer, in one sentence without a traceback, and exit with 1."""

    def invoke(self, ctx: Any) -> object:  # noqa: ANN401  its type is private to typer
        try:
            return super().invoke(ctx)
        except SetupError as error:
            message, cause = str(error), error
        except OUTAGES as error:
            reason = str(error) or type(error).__name__
            message, cause = f"What this command needs does not answer ({reason}): see `impact status`.", error
        typer.secho(message, fg="red", err=True)
        raise typer.Exit(1) from cause

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  their types are private to typer
        super().format_help(ctx, formatter)
        typer.echo(f"Services:   {', '.join(processes.SERVICES)}")
        typer.echo(f"Processes:  {', '.join(process.name for process in processes.PROCESSES)}")
        # The images of the services have no personas in them.
        if importlib.util.find_spec("gateway") is not None:
            from deploy.cli import personas

            typer.echo(f"Personas:   {', '.join(personas.PERSONAS)}")


app = typer.Typer(
    cls=FriendlyGroup,
    help="IMPACT: evidence into practice in adult social care.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")

Port = Annotated[
    int,
    typer.Option(
        envvar="PORT",
        min=ports.MIN_PORT,
        max=ports.MAX_PORT,
        help=f"The gateway's port; others follow it. With 8000: {ports.describe(8000)}.",
    ),
]


def show_version(requested: bool) -> None:
    """Print the version and exit, where it is asked for."""
    if requested:
        typer.echo(f"IMPACT {VERSION}")
        raise typer.Exit


@app.callback()
def impact(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version, and exit.", callback=show_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def up(port: Port = 8000) -> None:
    """Start everything on this machine and keep it running until Ctrl-C."""
    from deploy.cli import up

    up.up(port)


@app.command()
def reset(force: Annotated[bool, typer.Option(envvar="FORCE", help="Do not ask.")] = False) -> None:
    """Delete this checkout's databases, events, keys and logs, to start over. It asks first."""
    from deploy.cli import reset

    reset.reset(force=force)


@app.command()
def status() -> None:
    """Show what is running and whether it is ready."""
    from deploy.cli.diagnostics import status

    if not status.status():
        raise typer.Exit(1)


@app.command()
def doctor(port: Port = 8000) -> None:
    """Say what is wrong in this checkout or with the platform that runs in it, and what to do."""
    from deploy.cli.diagnostics import doctor

    if not doctor.doctor(port):
        raise typer.Exit(1)


@app.command()
def logs(
    process: Annotated[list[str] | None, typer.Argument(help="Default: all processes and engines.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines of each.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written next.")] = False,
) -> None:
    """Show what the processes and engines of this checkout wrote."""
    from deploy.cli.diagnostics import logs
    from deploy.supervision import run_state

    logs.show(run_state.STATE / "logs", process or (), lines=lines, follow=follow)


@app.command()
def token(persona: str) -> None:
    """Print a bearer token of a demo persona, for curl: `impact token evidence-editor`."""
    from deploy.cli import personas

    typer.echo(asyncio.run(personas.token(persona)))


@app.command()
def link(persona: str) -> None:
    """Print a new one-time link of a demo persona, for a browser: `impact link carer`."""
    from deploy.cli import personas

    typer.echo(asyncio.run(personas.fresh_links(persona))[persona])


@app.command()
def links() -> None:
    """Print a new one-time link for each persona of the demo."""
    from deploy.cli import personas

    for persona, link in asyncio.run(personas.fresh_links()).items():
        typer.echo(f"{persona:20} {link}")


@app.command()
def administrator(
    subject: Annotated[
        str | None, typer.Option(help="The `sub` of somebody at the identity provider, in place of an address.")
    ] = None,
) -> None:
    """Make somebody an administrator: whoever reads the mail of an address, for which it asks. For the first one."""
    from deploy.cli import administrator

    address = None if subject else typer.prompt("E-mail address")
    typer.echo(asyncio.run(administrator.add(address=address, subject=subject)))


@app.command()
def migrate(service: Annotated[list[str] | None, typer.Argument(help="Default: all services.")] = None) -> None:
    """Upgrade databases to the newest schema."""
    from deploy.cli import migrate
    from deploy.supervision import run_state

    for name in service or processes.PACKAGES:
        if name not in processes.PACKAGES:
            raise SetupError(f"There is no service {name}: choose one of {', '.join(processes.PACKAGES)}.")
        asyncio.run(migrate.database(name, run_state.environment()))
        typer.echo(f"{name} has the newest schema.")


@app.command()
def seed() -> None:
    """Add the first figures of funding to an empty database: programme, budget, schemes, rates, bank holidays."""
    from deploy.cli import migrate
    from deploy.supervision import run_state

    seeded = asyncio.run(migrate.seed(run_state.environment()))
    typer.echo("The first figures were added." if seeded else "There is a programme already: nothing was changed.")


@app.command()
def event_topics() -> None:
    """Create the event topics that Kafka, or the embedded event log, lacks. Topics of evidence are made by editors."""
    from deploy.cli import migrate
    from deploy.supervision import run_state

    asyncio.run(migrate.create_event_topics(run_state.environment()))
    typer.echo("The event log has all event topics.")


@app.command()
def keys(
    folder: Path,
    database_url: Annotated[
        str | None, typer.Option(help="Pattern of the database addresses, with {service} and {password}.")
    ] = None,
    readable: Annotated[bool, typer.Option(help="Let other users read the files: for containers.")] = False,
    replace_caller_key: Annotated[
        bool,
        typer.Option(help="Take the next step to a new key by which the gateway signs callers, and say what to do."),
    ] = False,
) -> None:
    """Generate the secrets that are missing in FOLDER: one folder for each service."""
    secret_keys.ensure(folder, database_url=database_url, readable=readable)
    if replace_caller_key:
        typer.echo(secret_keys.replace_caller_key(folder, readable=readable))
        return
    typer.echo(f"The keys are in {folder}.")


@audit_app.command()
def verify() -> None:
    """Check each service's chain of audit entries for changed or removed ones."""
    from deploy.cli.diagnostics import audit_trail

    if not audit_trail.verify():
        raise typer.Exit(1)


@app.command()
def serve(
    process: Annotated[str, typer.Argument(envvar="IMPACT_PROCESS")],
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT")] = 8000,
) -> None:
    """Run one process of the platform, as a container does: `impact serve funding-worker`."""
    from deploy.supervision import server

    selected = processes.by_name(process)
    if selected is None:
        names = ", ".join(process.name for process in processes.PROCESSES)
        raise SetupError(f"There is no process {process}: choose one of {names}.")
    server.serve(selected, host, port)


@app.command()
def plant(
    url: Annotated[str | None, typer.Option(help="Address of the gateway, if not its public one.")] = None,
) -> None:
    """Plant the demo library where it is missing: `impact up` does so by itself."""
    from deploy.cli import plant
    from deploy.supervision import run_state

    os.environ.update(run_state.environment())
    if url:
        os.environ["PUBLIC_URL"] = url
    plant.run()


@app.command()
def story(
    url: Annotated[str | None, typer.Option(help="Address of the gateway, if not its public one.")] = None,
) -> None:
    """Run the demonstration story, from a survey answer to a change in practice, and report each step."""
    from deploy.cli import story
    from deploy.supervision import run_state

    os.environ.update(run_state.environment())
    if url:
        os.environ["PUBLIC_URL"] = url
    story.run()


app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(audit_app, name="audit")
app.command("replay")(dead_letters.replay_service)


if __name__ == "__main__":
    app()
