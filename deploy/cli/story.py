"""`impact story`: the thread, told in the terminal as it happens."""

import asyncio
import time

import aiohttp
from rich.console import Console

from deploy.cli import personas
from deploy.engines.setup_error import SetupError
from deploy.processes import SERVICES
from deploy.story import chapters, event_counts
from deploy.story.client import NotInTime, Refused
from deploy.story.narration import Terminal
from deploy.story.people import people_of
from deploy.supervision import run_state


def tell() -> None:
    """Against the platform that runs here. Ends with 1 where the thread breaks."""
    console = Console(highlight=False)
    try:
        asyncio.run(_told(run_state.setting("PUBLIC_URL"), console))
    except (Refused, NotInTime, aiohttp.ClientError) as broken:
        raise SetupError(f"The thread broke: {broken}") from broken


async def _told(gateway: str, console: Console) -> None:
    workers = {service: run_state.setting(f"{service.upper()}_WORKER_URL") for service in SERVICES}
    tokens = {persona: await personas.token(persona) for persona in personas.PERSONAS}
    async with aiohttp.ClientSession() as http:
        before = await event_counts.counted(http, workers)
        began = time.monotonic()
        people = await people_of(http, gateway, tokens)
        await chapters.live(people, Terminal(gateway, console))
        seconds = time.monotonic() - began
        count = await event_counts.settled(http, workers, before)
    console.print("\nWhat is not public opens once you are somebody: take a link of `make links`.")
    published, handled = count.sent.total(), count.handled.total()
    console.print(f"From a voice to a change in {seconds:.1f} s.")
    console.print(f"Events: {published:,} published, {handled:,} handled, {count.lost} lost, {count.doubled} doubled.")
