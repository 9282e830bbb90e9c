"""Processes are killed with SIGKILL under load: `python -m tests.faults.crashes --responses 10000 --attendances 1000`.

Engagement receives responses and attendances (some corrected twice), while its worker, the funding API and the broker
are killed at random and started again. Then the effects are counted: what engagement accepted, what the log has, what
evidence and funding derived from it, and what funding sent back to engagement.
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
from uuid import UUID

import aiohttp

from deploy.engines.kafka import Broker
from deploy.engines.postgres import Cluster
from deploy.story.assembly import meeting_times
from deploy.story.assembly import plan as plan_assembly
from shared import clock
from shared.callers import CALLER_HEADER, Caller, Role, person, sign
from shared.persistence.tables import new_id
from tests.faults.fleet import Fleet, fleet, move_into_past, prepare_engines
from tests.faults.reconciliation import FaultReport, reconcile, wait_until_caught_up
from tests.support import engines
from tests.support.engines import postgres
from tests.support.settings import caller_keys

CONCURRENCY = 6
TERMINATE_EVENT_LOG_CONNECTIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'event_log' AND pid <> pg_backend_pid()"
)
EDITOR = person(new_id(), Role.EVIDENCE_EDITOR)
OFFICER = person(new_id(), Role.ENGAGEMENT_OFFICER)


@dataclass
class FleetClient:
    """Requests to the services, signed as the gateway signs them."""

    http: aiohttp.ClientSession
    fleet: Fleet

    async def ask(self, service: str, caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> Any:
        signed = {CALLER_HEADER: sign(caller, caller_keys()[0]), **headers}
        async with self.http.request(method, self.fleet.url(service) + path, json=body, headers=signed) as response:
            body = await response.json(content_type=None)
            if response.status >= 400:
                raise RuntimeError(f"{method} {path}: {response.status} {body}")
            return body

    async def eventually(self, ask: Callable[[], Awaitable[Any]], condition: Callable[[Any], bool] = bool) -> Any:
        """Repeat a request until the condition holds, since effects of events take a moment. Fails after a minute."""
        deadline = time.monotonic() + 60
        while True:
            try:
                if condition(value := await ask()):
                    return value
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
            assert time.monotonic() < deadline, "the condition did not hold within a minute"
            await asyncio.sleep(0.2)


async def survey_for(client: FleetClient, topic: str, count: int) -> tuple[str, list[str]]:
    """Open a survey. Returns its path and this many invitations."""
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
        batch = {"group": "unpaid_carers", "count": min(1000, count - len(invitations))}
        issued = await client.ask("engagement", OFFICER, "POST", f"{path}/invitations", batch)
        invitations += issued["invitations"]
    return path, invitations


async def assembly_for(client: FleetClient, cluster: Cluster, topic: str, count: int) -> tuple[str, list[str]]:
    """Hold an assembly, once its funding is there. Returns its path and this many registrations."""
    times = meeting_times(clock.now())
    plan = plan_assembly(topic, times) | {"places": count, "expected_cost": {"pence": 100 * count, "currency": "GBP"}}
    assembly = await client.ask("engagement", OFFICER, "POST", "/v1/assemblies", plan)
    path = f"/v1/assemblies/{assembly['id']}"
    await client.eventually(
        lambda: client.ask("engagement", OFFICER, "GET", path), lambda view: view["status"] == "open"
    )

    async def register(_: int) -> str:
        registration = await client.ask(
            "engagement", person(new_id()), "POST", f"{path}/registrations", {"access_needs": []}
        )
        return registration["id"]

    registrations = [registration_id async for registration_id in run_concurrently(range(count), register)]
    await move_into_past(cluster, UUID(assembly["id"]), times.actual)
    return path, registrations


async def run_concurrently(
    items: Sequence[Any], work: Callable[[Any], Awaitable[Any]], spread_seconds: float = 0.0
) -> AsyncIterator[Any]:
    """Do the work on all items, a few at a time, spread over at least this many seconds. Yields the results."""
    remaining, results = iter(enumerate(items)), asyncio.Queue[Any]()
    started = time.monotonic()

    async def worker() -> None:
        for index, item in remaining:
            await asyncio.sleep(max(0.0, started + spread_seconds * index / len(items) - time.monotonic()))
            results.put_nowait(await work(item))

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(worker())
    while not results.empty():
        yield results.get_nowait()


class Killer:
    """Kills one process after another at random and starts it again."""

    def __init__(self, fleet: Fleet, cluster: Cluster, broker: Broker | None, rng: random.Random) -> None:
        self.fleet, self.cluster, self.broker, self.chance = fleet, cluster, broker, rng
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
            await asyncio.to_thread(self.cluster.sql, TERMINATE_EVENT_LOG_CONNECTIONS)
        else:
            self.broker.kill()
            await asyncio.sleep(down)
            await asyncio.to_thread(self.broker.restart)


async def run_faults(
    cluster: Cluster,
    broker: Broker | None,
    logs: Path,
    responses: int,
    attendances: int,
    spread_seconds: float,
    rng: random.Random,
) -> FaultReport:
    report = FaultReport(responses=responses)
    log = await prepare_engines(cluster, broker)
    with fleet(cluster, broker, logs) as running:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as http:
            client = FleetClient(http, running)
            topic = (await client.ask("evidence", EDITOR, "POST", "/v1/topics", {"name": "Breaks"}))["id"]
            survey, invitations = await survey_for(client, topic, responses)
            assembly, registrations = await assembly_for(client, cluster, topic, attendances)
            corrected_ids = set(rng.sample(registrations, attendances // 5))
            report.attendances = attendances + 2 * len(corrected_ids)
            killer = Killer(running, cluster, broker, rng)
            killer_task = asyncio.create_task(killer.run())
            started = time.monotonic()
            await load(client, (survey, invitations), (assembly, registrations, corrected_ids), spread_seconds)
            report.load_seconds = time.monotonic() - started
            killer.stop.set()
            await killer_task
            report.killed = killer.killed
            ended = time.monotonic()
            await wait_until_caught_up(cluster, responses, attendances)
            report.caught_up_seconds = time.monotonic() - ended
            await asyncio.sleep(2)  # a second delivery would arrive now
            await reconcile(cluster, log, report, len(corrected_ids), attendances)
    return report


async def load(
    client: FleetClient,
    survey: tuple[str, Sequence[str]],
    assembly: tuple[str, Sequence[str], set[str]],
    spread_seconds: float,
) -> None:
    survey_path, invitations = survey
    path, registrations, corrected_ids = assembly

    async def respond(token: str) -> None:
        body = {"answers": {"one": {"a": 3}}}
        await client.ask("engagement", Caller(), "POST", f"{survey_path}/responses", body, Invitation=token)

    async def attend(registration: str) -> None:
        for attended in (True, False, True) if registration in corrected_ids else (True,):
            payload = {"registration_id": registration, "attended": attended}
            await client.ask("engagement", OFFICER, "POST", f"{path}/attendance", payload)

    async def all_of(items: Sequence[str], work: Callable[[str], Awaitable[None]]) -> None:
        async for _ in run_concurrently(items, work, spread_seconds):
            pass

    async with asyncio.TaskGroup() as group:
        group.create_task(all_of(invitations, respond))
        group.create_task(all_of(registrations, attend))


async def main(
    responses: int, attendances: int, spread_seconds: float, seed: int, logs: Path, kafka: bool = True
) -> FaultReport:
    with postgres(safe=True) as cluster, engines.kafka() if kafka else nullcontext() as broker:
        return await run_faults(cluster, broker, logs, responses, attendances, spread_seconds, random.Random(seed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=10_000)
    parser.add_argument("--attendances", type=int, default=1_000)
    parser.add_argument("--over", type=float, default=40.0, help="seconds over which the requests are spread")
    parser.add_argument("--logs", type=Path, default=Path(tempfile.mkdtemp(prefix="impact-faults-")))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--embedded", action="store_true", help="on the embedded event log, not on Kafka")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, logs in {arguments.logs}", flush=True)
    print(
        asyncio.run(
            main(
                arguments.responses,
                arguments.attendances,
                arguments.over,
                arguments.seed,
                arguments.logs,
                not arguments.embedded,
            )
        )
    )
