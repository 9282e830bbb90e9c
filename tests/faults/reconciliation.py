"""Count the effects of every accepted request in all databases and in the event log."""

import asyncio
import time
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from deploy import event_topics
from deploy.engines.postgres import Cluster
from shared.event_log.protocol import Log
from shared.messaging import cloudevents
from tests.support.engines import PASSWORD

STALL_TIMEOUT_SECONDS = 180.0


@dataclass
class FaultReport:
    """The result of a run. `lost` and `doubled`: effects of accepted requests that are missing or repeated."""

    responses: int = 0
    attendances: int = 0
    killed: dict[str, int] = field(default_factory=dict[str, int])
    differences: dict[str, int] = field(default_factory=dict[str, int])
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    repeated: int = 0
    """Duplicate messages in the log, which consumers recognised by their id."""
    parked: int = 0
    load_seconds: float = 0.0
    caught_up_seconds: float = 0.0

    def __str__(self) -> str:
        kill_counts = ", ".join(f"{name} {reconcile}x" for name, reconcile in sorted(self.killed.items())) or "nothing"
        return (
            f"{self.responses:,} responses and {self.attendances:,} attendances in {self.load_seconds:.1f} s; "
            f"killed: {kill_counts}; lost {self.lost}, doubled {self.doubled}, out of order {self.out_of_order}, "
            f"parked {self.parked}; {self.repeated} sent twice and recognised; "
            f"caught up {self.caught_up_seconds:.1f} s after the last request"
            + "".join(f"\n  {name}: {difference:+,}" for name, difference in self.differences.items() if difference)
        )


async def query_count(cluster: Cluster, service: str, query: str) -> int:
    connection = await asyncpg.connect(cluster.url(service, service, PASSWORD))
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


COUNT_ANSWERS = "SELECT count(*) FROM sight_responses"
COUNT_ATTENDED = "SELECT count(*) FROM sight_attendances WHERE attended"
COUNT_GRANTED = "SELECT count(*) FROM entitlements WHERE status = 'granted'"
COUNT_ENTITLED = "SELECT count(*) FROM registrations WHERE entitled"
COUNT_OUTBOX = "SELECT count(*) FROM outbox"


async def wait_until_caught_up(cluster: Cluster, responses: int, attendances: int) -> None:
    """Wait until all effects are visible, or nothing has changed for STALL_TIMEOUT_SECONDS."""
    expected = (responses, attendances, attendances, attendances, 0, 0)
    deadline, previous = time.monotonic() + STALL_TIMEOUT_SECONDS, None
    while time.monotonic() < deadline:
        current = (
            await query_count(cluster, "evidence", COUNT_ANSWERS),
            await query_count(cluster, "evidence", COUNT_ATTENDED),
            await query_count(cluster, "funding", COUNT_GRANTED),
            await query_count(cluster, "engagement", COUNT_ENTITLED),
            await query_count(cluster, "engagement", COUNT_OUTBOX),
            await query_count(cluster, "funding", COUNT_OUTBOX),
        )
        if current == expected:
            return
        if current != previous:
            previous, deadline = current, time.monotonic() + STALL_TIMEOUT_SECONDS
        await asyncio.sleep(0.1)


async def reconcile(cluster: Cluster, log: Log, report: FaultReport, corrected: int, attendances: int) -> None:
    accepted = await query_count(cluster, "engagement", "SELECT count(*) FROM responses")
    events: dict[str, int] = {}
    order: dict[tuple[str, UUID], list[int]] = {}
    seen_ids: set[UUID] = set()
    for partition, end in (await log.ends([topic.name for topic in event_topics.read()])).items():
        async for records in log.read(partition, end):
            for record in records:
                envelope = cloudevents.envelope_of(record)
                if envelope.id in seen_ids:
                    report.repeated += 1
                    continue
                seen_ids.add(envelope.id)
                events[envelope.type] = events.get(envelope.type, 0) + 1
                order.setdefault((partition.topic, envelope.key), []).append(envelope.sequence)
    await log.close()
    report.out_of_order = sum(sequences != sorted(sequences) for sequences in order.values())
    granted_sql = "SELECT count(*) FROM audit_entries WHERE kind = 'Entitlement' AND action = 'created'"
    corrected_sql = "SELECT count(*) FROM audit_entries WHERE kind = 'Entitlement' AND action = 'changed'"
    report.differences = {
        "responses kept": accepted - report.responses,
        "responses in the log": events.get("engagement.response-received.v1", 0) - report.responses,
        "attendances in the log": events.get("engagement.attendance-recorded.v1", 0) - report.attendances,
        "answers seen by evidence": await query_count(cluster, "evidence", COUNT_ANSWERS) - report.responses,
        "attendances seen by evidence": await query_count(cluster, "evidence", COUNT_ATTENDED) - attendances,
        "entitlements granted": await query_count(cluster, "funding", COUNT_GRANTED) - attendances,
        "entitlements made": await query_count(cluster, "funding", granted_sql) - attendances,
        "entitlements corrected": await query_count(cluster, "funding", corrected_sql) - 2 * corrected,
        "entitlements seen by engagement": await query_count(cluster, "engagement", COUNT_ENTITLED) - attendances,
    }
    report.lost = sum(-difference for difference in report.differences.values() if difference < 0)
    report.doubled = sum(difference for difference in report.differences.values() if difference > 0)
    for service in ("evidence", "engagement", "funding"):
        report.parked += await query_count(cluster, service, "SELECT count(*) FROM dead_letters")
