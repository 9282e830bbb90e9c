"""Kill -9 at random while voices come in: `python -m tests.faults.crashes --responses 10000 --attendances 1000`.

Responses and attendances (some corrected twice) go into engagement, while its worker, the funding API and the broker
are killed and started again. Then everything is counted where it ends up: what engagement accepted, what the log has,
what evidence and funding made of it, and what funding told engagement back.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from deploy.engines.kafka import Broker
from deploy.engines.postgres import Cluster
from shared import clock
from shared.callers import HEADER, Caller, Role, person, sign
from shared.persistence.tables import new_id
from tests.faults.fleet import Fleet, fleet, prepare
from tests.faults.reconciliation import Figures, catch_up, count
from tests.support import engines
from tests.support.engines import postgres
from tests.support.settings import caller_keys

AT_ONCE = 6
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'event_log' AND pid <> pg_backend_pid()"
EDITOR = person(new_id(), Role.EVIDENCE_EDITOR)
OFFICER = person(new_id(), Role.ENGAGEMENT_OFFICER)


@dataclass
class Client:
    """Requests as the gateway hands them on."""

    http: aiohttp.ClientSession
    fleet: Fleet

    async def ask(self, service: str, caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> Any:
        signed = {HEADER: sign(caller, caller_keys()[0]), **headers}
        async with self.http.request(method, self.fleet.url(service) + path, json=body, headers=signed) as answer:
            told = await answer.json(content_type=None)
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {told}")
            return told

    async def eventually(self, ask: Callable[[], Awaitable[Any]], so: Callable[[Any], bool] = bool) -> Any:
        """Ask until it is so: what travels by event takes a moment."""
        end = time.monotonic() + 60
        while True:
            try:
                if so(told := await ask()):
                    return told
            except RuntimeError:
                if time.monotonic() > end:
                    raise
            assert time.monotonic() < end, "it did not happen in a minute"
            await asyncio.sleep(0.2)


async def survey_for(client: Client, topic: str, count: int) -> tuple[str, list[str]]:
    """An open survey, and as many invitations."""
    question = {
        "id": "one",
        "kind": "score",
        "text": "How urgent?",
        "options": [{"id": "a", "text": "a", "topic_id": topic}],
    }
    draft = {"title": "What should come first?", "questions": [question]}
    survey = await client.eventually(lambda: client.ask("engagement", OFFICER, "POST", "/v1/surveys", draft))
    path = f"/v1/surveys/{survey['id']}"
    await client.ask("engagement", OFFICER, "POST", f"{path}/open", {})
    invitations: list[str] = []
    while len(invitations) < count:
        wanted = {"group": "unpaid_carers", "count": min(1000, count - len(invitations))}
        issued = await client.ask("engagement", OFFICER, "POST", f"{path}/invitations", wanted)
        invitations += issued["invitations"]
    return path, invitations


async def assembly_for(client: Client, topic: str, count: int) -> tuple[str, list[str]]:
    """An assembly whose money is reserved, and as many registrations for it."""
    plan = {
        **{"title": "A large assembly", "topic_id": topic, "held_on": clock.today().isoformat(), "starts_at": "10:30"},
        **{"minutes": 180, "mode": "in_person", "place": "The hall", "places": count},
        **{"expected_cost": {"pence": 100 * count, "currency": "GBP"}, "scheme": "participation"},
    }
    assembly = await client.ask("engagement", OFFICER, "POST", "/v1/assemblies", plan)
    path = f"/v1/assemblies/{assembly['id']}"
    await client.eventually(
        lambda: client.ask("engagement", OFFICER, "GET", path), lambda seen: seen["status"] == "open"
    )

    async def register(_: int) -> str:
        made = await client.ask("engagement", person(new_id()), "POST", f"{path}/registrations", {"access_needs": []})
        return made["id"]

    return path, [made async for made in at_once(range(count), register)]


async def at_once(items: Sequence[Any], work: Callable[[Any], Awaitable[Any]], over: float = 0.0) -> AsyncIterator[Any]:
    """The work on all items, a few at a time, spread over so many seconds at least."""
    waiting, done = iter(enumerate(items)), asyncio.Queue[Any]()
    started = time.monotonic()

    async def worker() -> None:
        for nth, item in waiting:
            await asyncio.sleep(max(0.0, started + over * nth / len(items) - time.monotonic()))
            done.put_nowait(await work(item))

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker())
    while not done.empty():
        yield done.get_nowait()


class Killer:
    """Kills one thing after another and starts it again."""

    def __init__(self, fleet: Fleet, cluster: Cluster, broker: Broker | None, chance: random.Random) -> None:
        self.fleet, self.cluster, self.broker, self.chance = fleet, cluster, broker, chance
        self.killed: dict[str, int] = {}
        self.stop = asyncio.Event()

    async def run(self) -> None:
        victims = ["engagement-worker", "funding", "broker"]
        order = self.chance.sample(victims, 3)
        while True:
            for victim in order:
                try:
                    await asyncio.wait_for(self.stop.wait(), self.chance.uniform(0.5, 2.0))
                except TimeoutError:
                    await self._kill(victim)
                    continue
                if len(self.killed) == len(victims):
                    return
                await self._kill(victim)
            order = self.chance.sample(victims, 3)

    async def _kill(self, victim: str) -> None:
        self.killed[victim] = self.killed.get(victim, 0) + 1
        down = self.chance.uniform(0.2, 2.0)
        if victim != "broker":
            self.fleet.kill(victim)
            await asyncio.sleep(down)
            self.fleet.start(victim)
        elif self.broker is None:
            # The embedded log lives in PostgreSQL: all its connections are cut.
            await asyncio.to_thread(self.cluster.sql, CUT)
        else:
            self.broker.kill()
            await asyncio.sleep(down)
            await asyncio.to_thread(self.broker.restart)


async def break_things(
    cluster: Cluster,
    broker: Broker | None,
    logs: Path,
    responses: int,
    attendances: int,
    over: float,
    chance: random.Random,
) -> Figures:
    figures = Figures(responses=responses)
    log = await prepare(cluster, broker)
    with fleet(cluster, broker, logs) as running:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as http:
            client = Client(http, running)
            topic = (await client.ask("evidence", EDITOR, "POST", "/v1/topics", {"name": "Breaks"}))["id"]
            survey, invitations = await survey_for(client, topic, responses)
            assembly, registrations = await assembly_for(client, topic, attendances)
            corrected = set(chance.sample(registrations, attendances // 5))
            figures.attendances = attendances + 2 * len(corrected)
            killer = Killer(running, cluster, broker, chance)
            killing = asyncio.create_task(killer.run())
            started = time.monotonic()
            await load(client, (survey, invitations), (assembly, registrations, corrected), over)
            figures.load_seconds = time.monotonic() - started
            killer.stop.set()
            await killing
            figures.killed = killer.killed
            ended = time.monotonic()
            await catch_up(cluster, responses, attendances)
            figures.caught_up_seconds = time.monotonic() - ended
            await asyncio.sleep(2)  # what would come twice would come now
            await count(cluster, log, figures, len(corrected), attendances)
    return figures


async def load(
    client: Client, survey: tuple[str, Sequence[str]], assembly: tuple[str, Sequence[str], set[str]], over: float
) -> None:
    survey_path, invitations = survey
    path, registrations, corrected = assembly

    async def answer(token: str) -> None:
        body = {"answers": {"one": {"a": 3}}}
        await client.ask("engagement", Caller(), "POST", f"{survey_path}/responses", body, Invitation=token)

    async def attend(registration: str) -> None:
        for attended in (True, False, True) if registration in corrected else (True,):
            payload = {"registration_id": registration, "attended": attended}
            await client.ask("engagement", OFFICER, "POST", f"{path}/attendance", payload)

    async def all_of(items: Sequence[str], work: Callable[[str], Awaitable[None]]) -> None:
        async for _ in at_once(items, work, over):
            pass

    async with asyncio.TaskGroup() as group:
        group.create_task(all_of(invitations, answer))
        group.create_task(all_of(registrations, attend))


async def main(responses: int, attendances: int, over: float, seed: int, logs: Path, kafka: bool = True) -> Figures:
    with postgres(safe=True) as cluster, engines.kafka() if kafka else nullcontext() as broker:
        return await break_things(cluster, broker, logs, responses, attendances, over, random.Random(seed))


if __name__ == "__main__":
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--responses", type=int, default=10_000)
    asks.add_argument("--attendances", type=int, default=1_000)
    asks.add_argument("--over", type=float, default=40.0, help="seconds over which the requests are spread")
    asks.add_argument("--logs", type=Path, default=Path(tempfile.mkdtemp(prefix="impact-faults-")))
    asks.add_argument("--seed", type=int, default=int(time.time()))
    asks.add_argument("--embedded", action="store_true", help="on the embedded event log, not on Kafka")
    given = asks.parse_args()
    print(f"seed {given.seed}, logs in {given.logs}", flush=True)
    print(asyncio.run(main(given.responses, given.attendances, given.over, given.seed, given.logs, not given.embedded)))
