"""`impact story`: run the whole story against the platform and report it in the terminal."""

import asyncio
import time

import aiohttp
from rich.console import Console

from deploy.cli import personas
from deploy.demo.client import ConditionTimeout, RequestRefused
from deploy.engines.setup_error import SetupError
from deploy.processes import SERVICES
from deploy.story import chapters, event_counts
from deploy.story.narration import TerminalNarrator
from deploy.story.people import people_of
from deploy.supervision import run_state


def run() -> None:
    """Run the story against the platform of this checkout. Raises SetupError where a step fails."""
    console = Console(highlight=False)
    try:
        asyncio.run(_run_story(run_state.setting("PUBLIC_URL"), console))
    except (RequestRefused, ConditionTimeout, aiohttp.ClientError) as error:
        raise SetupError(f"The story stopped: {error}") from error


async def _run_story(gateway: str, console: Console) -> None:
    workers = {service: run_state.setting(f"{service.upper()}_WORKER_URL") for service in SERVICES}
    tokens = {persona: await personas.token(persona) for persona in personas.PERSONAS}
    async with aiohttp.ClientSession() as http:
        counts_before = await event_counts.read_counts(http, workers)
        started = time.monotonic()
        people = await people_of(http, gateway, tokens)
        await chapters.run_story(people, TerminalNarrator(gateway, console))
        seconds = time.monotonic() - started
        counts = await event_counts.wait_until_handled(http, workers, counts_before)
    print_summary(console, seconds, counts)


def print_summary(console: Console, seconds: float, counts: event_counts.EventCounts) -> None:
    """Print how to open the addresses, how long the story took, and that no event was lost or doubled."""
    sent, handled = counts.sent.total(), counts.handled.total()
    for line in (
        "\nWhere an address names a persona, sign in as that persona first: `make links` prints a link for each.",
        f"The story took {seconds:.1f} s.",
        f"Events: {sent:,} published, {handled:,} handled, {counts.lost} lost, {counts.doubled} doubled.",
    ):
        console.print(line, soft_wrap=True)
