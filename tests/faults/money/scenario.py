"""Eight people claim, approve, pay, correct and settle at once, against tight caps and reservations.

The APIs and workers of funding and engagement are killed with SIGKILL at random and started again. After each kill and
at the end, funding's books are compared with themselves and with what the bank did; at the end also with engagement's
attendances and with every answer.
"""

import asyncio
import random
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import aiohttp

from deploy.engines.postgres import Cluster
from shared.callers import Role, person
from shared.persistence.tables import new_id
from tests.faults.fleet import Fleet, fleet, prepare_engines
from tests.faults.money import comparison
from tests.faults.money.bank import SimulatedBank
from tests.faults.money.client import Journal, MoneyClient
from tests.faults.money.contributors import Contributors, EngagementOfficer
from tests.faults.money.end import work_through_lists
from tests.faults.money.finance import FinanceClient
from tests.faults.money.invariants import broken_invariants
from tests.faults.money.staff import ApproverClient, FundingOfficerClient
from tests.faults.money.stage import (
    APPROVERS,
    CLAIMANTS,
    FINANCE,
    FIRST_CAP_PENCE,
    FUNDING_OFFICER,
    SCHEME,
    Stage,
    money,
)
from tests.support.engines import postgres

VICTIMS = ("funding", "funding-worker", "engagement", "engagement-worker")
EDITOR = person(new_id(), Role.EVIDENCE_EDITOR)
CATCH_UP_SECONDS = 60.0
REPLAYS_AT_ONCE = 8
MAX_PAUSE_SECONDS = 0.1


class Actor(Protocol):
    """Whoever takes one step after another."""

    async def step(self) -> None: ...


@dataclass
class MoneyReport:
    """What was done, and what is amiss."""

    journal: Journal
    seconds: float = 0.0
    end_seconds: float = 0.0
    killed: Counter[str] = field(default_factory=Counter[str])
    checks: int = 0
    amiss: Counter[str] = field(default_factory=Counter[str])
    paid: int = 0
    paid_pence: int = 0
    paid_twice: int = 0
    unfinished: int = 0
    forgotten: int = 0
    deadlocks: int = 0
    """That PostgreSQL ended: whoever was refused (503) or retried lost nothing, but waited for a second."""

    @property
    def holds(self) -> bool:
        return not (+self.amiss or self.journal.failures or self.paid_twice or self.unfinished or self.forgotten)

    def add(self, counts: Mapping[str, int]) -> None:
        self.amiss.update({name: count for name, count in counts.items() if count})

    def __str__(self) -> str:
        lines = [
            f"{self.seconds:.0f} s of load and {self.end_seconds:.0f} s until every list was empty: "
            f"{self.journal.requests:,} requests, of which {self.journal.cut:,} were cut and "
            f"{self.journal.unreachable:,} found nobody; "
            f"{self.journal.accepted.total():,} changes accepted, {self.journal.refused.total():,} refused",
            f"killed {self.killed.total()} times ({_counts(self.killed)}); the books were proved {self.checks} times",
            f"paid {self.paid} claims, {self.paid_pence:,} pence; paid twice {self.paid_twice}; "
            f"unfinished {self.unfinished}; forgotten {self.forgotten}; deadlocks {self.deadlocks}",
            f"accepted: {_counts(self.journal.accepted)}",
            f"refused: {_counts(self.journal.refused)}",
            *(f"AMISS: {name}: {count}" for name, count in self.amiss.items()),
            *(f"FAILURE: {failure}" for failure in self.journal.failures[:20]),
        ]
        return "\n".join(lines)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


class ProcessKiller:
    """Kills one process after another at random, checks the books, and starts it again."""

    def __init__(self, running: Fleet, cluster: Cluster, stage: Stage, report: MoneyReport) -> None:
        self.fleet, self.cluster, self.stage, self.report = running, cluster, stage, report
        self.killed_all = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        chance = self.stage.chance
        while not stop.is_set():
            for victim in chance.sample(VICTIMS, len(VICTIMS)):
                await asyncio.sleep(chance.uniform(0.3, 2.5))
                if stop.is_set():
                    return
                self.report.killed[victim] += 1
                self.fleet.kill(victim)
                await prove_books(self.cluster, self.stage, self.report)
                self.fleet.start(victim)
                if len(self.report.killed) == len(VICTIMS):
                    self.killed_all.set()
                # At times the next is killed while this one still starts.
                if chance.random() < 0.7:
                    await asyncio.to_thread(self.fleet.wait, [victim])


async def prove_books(cluster: Cluster, stage: Stage, report: MoneyReport) -> None:
    """Compare funding's books with themselves and with the bank, as they are committed now."""
    counts, books = await broken_invariants(cluster)
    report.add(counts)
    report.add({"claims paid before the bank paid": comparison.paid_before_the_bank(stage, books)})
    report.checks += 1


async def prepare(stage: Stage) -> None:
    """Add a topic and a scheme whose cap is soon reached."""
    topic = await stage.client.post(EDITOR, "/v1/topics", {"name": "Breaks"}, service="evidence")
    stage.topic = topic.body["id"]
    scheme = {"code": SCHEME, "name": "Tight", "purpose": "To reach its cap.", "cap": money(FIRST_CAP_PENCE)}
    stage.scheme = (await stage.client.post(FUNDING_OFFICER, "/v1/schemes", scheme)).body["id"]


def eight_people(stage: Stage) -> list[Actor]:
    return [
        Contributors(stage, CLAIMANTS[::2]),
        Contributors(stage, CLAIMANTS[1::2]),
        EngagementOfficer(stage),
        FundingOfficerClient(stage),
        *(ApproverClient(stage, caller) for caller in APPROVERS),
        *(FinanceClient(stage, caller) for caller in FINANCE),
    ]


async def act(someone: Actor, stop: asyncio.Event, chance: random.Random) -> None:
    while not stop.is_set():
        await someone.step()
        await asyncio.sleep(chance.uniform(0.0, MAX_PAUSE_SECONDS))


async def wait_until_caught_up(cluster: Cluster, report: MoneyReport) -> None:
    """Wait until all events have had their effect in funding and engagement."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while time.monotonic() < deadline:
        waiting = await comparison.differences_from_engagement(cluster)
        for service in ("engagement", "funding"):
            waiting[service] = len(await comparison.rows(cluster, service, "SELECT 1 FROM outbox"))
        if not any(waiting.values()):
            return
        await asyncio.sleep(0.2)
    report.amiss["effects of events that did not come"] += 1


async def run_load(stage: Stage, killer: ProcessKiller, seconds: float) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for someone in eight_people(stage):
            group.create_task(act(someone, stop, stage.chance))
        killing = group.create_task(killer.run(stop))
        await asyncio.sleep(seconds)
        await killer.killed_all.wait()
        stop.set()
        await killing
    await asyncio.to_thread(killer.fleet.wait, VICTIMS)


async def compare_all(cluster: Cluster, stage: Stage, report: MoneyReport) -> None:
    proof = (await stage.client.get(FINANCE[0], "/v1/ledger/proof")).body
    report.add({"proofs that do not hold": not (proof["balances"] and proof["agrees"])})
    counts, books = await broken_invariants(cluster)
    report.add(counts)
    report.add(await comparison.differences_from_bank(cluster, stage, books))
    report.add(await comparison.differences_from_engagement(cluster))
    report.add(await comparison.differences_from_rates(cluster))
    report.add(await comparison.differences_from_answers(cluster, stage.client.journal.posts))
    report.add(await comparison.differences_from_payees(stage))
    deadlocks = await comparison.rows(cluster, "funding", "SELECT sum(deadlocks) FROM pg_stat_database")
    report.deadlocks = int(deadlocks[0]["sum"])
    report.paid, report.paid_pence = len(books), sum(books.values())
    report.paid_twice = comparison.paid_twice(stage)
    report.unfinished, report.forgotten = await comparison.forgotten_claims(cluster, stage.client)


async def replay_all(client: MoneyClient) -> None:
    """Repeat every POST that was accepted: each is answered as before, from what was stored with its effect."""
    posts = iter(list(client.journal.posts))

    async def replay_some() -> None:
        for post in posts:
            await client.replay(post)

    await asyncio.gather(*(replay_some() for _ in range(REPLAYS_AT_ONCE)))


async def main(seconds: float, seed: int, logs: Path) -> MoneyReport:
    chance = random.Random(seed)
    with postgres(safe=True) as cluster:
        log = await prepare_engines(cluster, None)
        with fleet(cluster, None, logs) as running:
            async with aiohttp.ClientSession() as http:
                client = MoneyClient(http, running, chance)
                report = MoneyReport(client.journal)
                stage = Stage(client, cluster, SimulatedBank(chance), chance)
                await prepare(stage)
                started = time.monotonic()
                await run_load(stage, ProcessKiller(running, cluster, stage, report), seconds)
                report.seconds = time.monotonic() - started
                await wait_until_caught_up(cluster, report)
                await work_through_lists(stage)
                await wait_until_caught_up(cluster, report)
                await replay_all(client)
                await compare_all(cluster, stage, report)
                report.end_seconds = time.monotonic() - started - report.seconds
        await log.close()
        shutil.copy(cluster.log, logs / "postgres.log")
    return report
