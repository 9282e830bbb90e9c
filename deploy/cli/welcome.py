"""What `impact up` prints."""

from collections.abc import Mapping

from rich.console import Console

console = Console(highlight=False)


def say(text: str) -> None:
    """Print without wrapping, so that commands and paths can be copied from a narrow terminal."""
    console.print(text, markup=False, soft_wrap=True)


def show(env: Mapping[str, str], links: Mapping[str, str], *, seconds: float) -> None:
    """Print the addresses, the sign-in links and three things to try."""
    url = env["PUBLIC_URL"]
    _line(f"\n[bold]IMPACT is ready[/] after {seconds:.1f} seconds: [bold]{url}[/]")
    _line(f"Events go through {_events(env)}. Logs are in .impact/logs.")
    _line("Ctrl-C stops everything; the data stays.\n")
    if not links:
        _line(f"People sign in at {url}/sign-in. The API reference is at {url}/docs\n")
        return
    _line("[bold]Sign in[/] (each link works once; `make links` creates new ones)")
    for persona, link in links.items():
        _line(f"  {persona:20}{link}")
    _line("\n[bold]Three things to try[/]")
    _line(f"  1. The library, in a browser:               {url}")
    _line("  2. The whole story, step by step:           make story")
    _line(f"  3. A search through the API ({url}/docs), as an editor:")
    _line('     curl -H "Authorization: Bearer $(.venv/bin/impact token evidence-editor)" \\')
    _line(f'          "{url}/v1/search?q=carers"\n')


def _line(text: str) -> None:
    """Print without wrapping, so that links and commands can be copied from a narrow terminal."""
    console.print(text, soft_wrap=True)


def _events(env: Mapping[str, str]) -> str:
    servers = env.get("KAFKA_BOOTSTRAP_SERVERS")
    return f"Apache Kafka at {servers}" if servers else "the embedded event log"
