"""What became of every voice: counted where it ends up."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from deploy import topics
from deploy.engines.postgres import Cluster
from shared.event_log.protocol import Log
from shared.messaging import cloudevents
from tests.support.engines import PASSWORD

PATIENCE = 180.0


@dataclass
class Figures:
    """What came of it. `lost` and `doubled`: what was accepted and is missing, or has its effect more than once."""

    responses: int = 0
    attendances: int = 0
    killed: dict[str, int] = field(default_factory=dict[str, int])
    differences: dict[str, int] = field(default_factory=dict[str, int])
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    repeated: int = 0
    """Messages that lie in the log more than once, and were recognised."""
    parked: int = 0
    load_seconds: float = 0.0
    caught_up_seconds: float = 0.0

    def __str__(self) -> str:
        kills = ", ".join(f"{name} {count}x" for name, count in sorted(self.killed.items())) or "nothing"
        return (
            f"{self.responses:,} responses and {self.attendances:,} attendances in {self.load_seconds:.1f} s; "
            f"killed: {kills}; lost {self.lost}, doubled {self.doubled}, out of order {self.out_of_order}, "
            f"parked {self.parked}; {self.repeated} sent twice and recognised; "
            f"caught up {self.caught_up_seconds:.1f} s after the last request"
            + "".join(f"\n  {name}: {off:+,}" for name, off in self.differences.items() if off)
        )


async def asked(cluster: Cluster, service: str, query: str) -> int:
    connection: Any = await asyncpg.connect(cluster.url(service, service, PASSWORD))
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


ANSWERS = "SELECT count(*) FROM sight_responses"
ATTENDED = "SELECT count(*) FROM sight_attendances WHERE attended"
GRANTED = "SELECT count(*) FROM entitlements WHERE status = 'granted'"
ENTITLED = "SELECT count(*) FROM registrations WHERE entitled"
WAITING = "SELECT count(*) FROM outbox"


async def catch_up(cluster: Cluster, responses: int, attendances: int) -> None:
    """Until every effect is there, or nothing has moved for long."""
    wanted = (responses, attendances, attendances, attendances, 0, 0)
    end, seen = time.monotonic() + PATIENCE, None
    while time.monotonic() < end:
        now = (
            await asked(cluster, "evidence", ANSWERS),
            await asked(cluster, "evidence", ATTENDED),
            await asked(cluster, "funding", GRANTED),
            await asked(cluster, "engagement", ENTITLED),
            await asked(cluster, "engagement", WAITING),
            await asked(cluster, "funding", WAITING),
        )
        if now == wanted:
            return
        if now != seen:
            seen, end = now, time.monotonic() + PATIENCE
        await asyncio.sleep(0.1)


async def count(cluster: Cluster, log: Log, figures: Figures, corrected: int, attendances: int) -> None:
    accepted = await asked(cluster, "engagement", "SELECT count(*) FROM responses")
    events: dict[str, int] = {}
    order: dict[tuple[str, UUID], list[int]] = {}
    seen: set[UUID] = set()
    for partition, end in (await log.ends([topic.name for topic in topics.read()])).items():
        async for records in log.read(partition, end):
            for record in records:
                envelope = cloudevents.envelope_of(record)
                if envelope.id in seen:
                    figures.repeated += 1
                    continue
                seen.add(envelope.id)
                events[envelope.type] = events.get(envelope.type, 0) + 1
                order.setdefault((partition.topic, envelope.key), []).append(envelope.sequence)
    await log.close()
    figures.out_of_order = sum(sequences != sorted(sequences) for sequences in order.values())
    made = "SELECT count(*) FROM audit_entries WHERE kind = 'Entitlement' AND action = 'created'"
    changed = "SELECT count(*) FROM audit_entries WHERE kind = 'Entitlement' AND action = 'changed'"
    figures.differences = {
        "responses kept": accepted - figures.responses,
        "responses in the log": events.get("engagement.response-received.v1", 0) - figures.responses,
        "attendances in the log": events.get("engagement.attendance-recorded.v1", 0) - figures.attendances,
        "answers seen by evidence": await asked(cluster, "evidence", ANSWERS) - figures.responses,
        "attendances seen by evidence": await asked(cluster, "evidence", ATTENDED) - attendances,
        "entitlements granted": await asked(cluster, "funding", GRANTED) - attendances,
        "entitlements made": await asked(cluster, "funding", made) - attendances,
        "entitlements corrected": await asked(cluster, "funding", changed) - 2 * corrected,
        "entitlements seen by engagement": await asked(cluster, "engagement", ENTITLED) - attendances,
    }
    figures.lost = sum(-difference for difference in figures.differences.values() if difference < 0)
    figures.doubled = sum(difference for difference in figures.differences.values() if difference > 0)
    for service in ("evidence", "engagement", "funding"):
        figures.parked += await asked(cluster, service, "SELECT count(*) FROM dead_letters")
