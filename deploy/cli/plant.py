"""`impact plant`: plant the demo library where it is missing. `impact up` does so by itself, once it is ready."""

import asyncio
import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager

import aiohttp

from deploy.cli import personas, welcome
from deploy.demo.client import ConditionTimeout, PublicClient, RequestRefused
from deploy.demo.library import library
from deploy.engines.setup_error import SetupError
from deploy.supervision import run_state

PLANTERS = ("carer", "practitioner", "evidence-editor", "guide-reviewer", "engagement-officer")
COMPLETES_IT = "`impact plant`, or the next start, completes it."


def run() -> None:
    """Plant the library in the running platform. Raises SetupError where a step fails: another run completes it."""
    url = run_state.setting("PUBLIC_URL")
    if not personas.has_library(run_state.environment()):
        welcome.say("The demo library is left out here.")
        return
    try:
        with _only_planter():
            asyncio.run(_plant(url))
    except (RequestRefused, ConditionTimeout) as error:
        raise SetupError(f"The demo library is not whole yet ({error}). {COMPLETES_IT}") from error
    except aiohttp.ClientError as error:
        raise SetupError(
            f"The gateway does not answer, which plants the demo library ({error}). {COMPLETES_IT}"
        ) from error


def run_beside_platform() -> None:
    """Run as a child of `impact up`: where a step fails, say so in one sentence in its terminal."""
    try:
        run()
    except SetupError as error:
        welcome.say(str(error))
        raise SystemExit(1) from error


@contextmanager
def _only_planter() -> Generator[None]:
    """Wait for another planter of this checkout: of two at once, each would take the other's steps for refusals."""
    if not run_state.STATE.is_dir():  # in a container, of which there is one
        yield
        return
    with (run_state.STATE / f"{run_state.LIBRARY}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def _plant(url: str) -> None:
    started = time.monotonic()
    async with aiohttp.ClientSession() as http:
        if await library.is_planted({"anyone": PublicClient(http, url)}):
            welcome.say("The demo library is there.")
            return
        welcome.say("The demo library is being planted: it takes about half a minute.")
        tokens = {persona: await personas.token(persona) for persona in PLANTERS}
        clients = {persona: PublicClient(http, url, token) for persona, token in tokens.items()}
        await library.plant({"anyone": PublicClient(http, url), **clients})
    welcome.say(f"The demo library is there, after {time.monotonic() - started:.0f} seconds. DEMO=empty leaves it out.")
