"""A survey response through the service's process, beside pgbench doing the same in one statement.

    python -m tests.benchmarks.engagement [seconds a round] [rounds]

Both write to one PostgreSQL that syncs its commits; rounds alternate, and the ratio is that of the medians. The load
comes over HTTP from this process, signed as the gateway signs; pgbench has as many clients as the service has
connections.
"""

import asyncio
import itertools
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import psutil

from deploy.engines.postgres import Cluster
from services.engagement.surveys.invitations.rules import MAX_BATCH_INVITATIONS
from shared.callers import CALLER_HEADER, Caller, Role, person, sign
from shared.persistence.tables import new_id
from tests.benchmarks.http_load import load
from tests.benchmarks.service_process import start_api, start_database
from tests.support.settings import caller_keys

GOAL_RATIO = 0.50
HTTP_CONNECTIONS = 32
DATABASE_CONNECTIONS = 10
MAX_RESPONSES_PER_SECOND = 6_000
MAX_RESPONSES_PER_CLIENT = 1_000_000
ANSWERS = {"order": ["b", "a"], "need": {"a": 5}, "ease": 7, "one": "b", "more": "Ask us at home, in the evening."}
OPTIONS = [{"id": "a", "text": "Breaks"}, {"id": "b", "text": "Pay"}]
QUESTIONS = [
    {"id": "order", "kind": "rank", "text": "What comes first?", "options": OPTIONS},
    {"id": "need", "kind": "score", "text": "How urgent?", "options": OPTIONS},
    {"id": "ease", "kind": "score", "text": "How easy was this?", "lowest": 0, "highest": 10},
    {"id": "one", "kind": "single_choice", "text": "Only one?", "options": OPTIONS},
    {"id": "more", "kind": "free_text", "text": "What else?"},
]
STORE_ONE_RESPONSE = """
WITH used AS (
  DELETE FROM invitations
  WHERE survey_id = $1 AND token_hash = $2 AND ($3::text IS NULL OR stakeholder_group = $3)
  RETURNING stakeholder_group, person_hash
), first_time AS (
  INSERT INTO answered (survey_id, person_hash)
  SELECT $1, person_hash FROM used WHERE person_hash IS NOT NULL ON CONFLICT DO NOTHING
), stored AS (
  INSERT INTO responses (survey_id, id, stakeholder_group, answered_on, answers)
  SELECT $1, $4, stakeholder_group, $5, $6 FROM used RETURNING id
)
INSERT INTO outbox (source, traceparent, event_id, topic, key, type, sequence, data)
SELECT $7, $8, $9, $10, $11, $12, $13, $14 FROM stored RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class EngagementBench:
    """The engines of one run, and the survey that is answered."""

    cluster: Cluster
    dsn: str
    server: psutil.Process
    port: int
    survey: UUID
    home: Path


async def measure(seconds: float, rounds: int) -> float:
    with ExitStack() as stack:
        bench = await _prepare(stack)
        served: list[float] = []
        bare: list[float] = []
        for number in range(rounds):
            served.append(await _serve(bench, seconds))
            bare.append(_pgbench(bench, seconds, number))
        ratio = statistics.median(served) / statistics.median(bare)
        print(f"survey response: {statistics.median(served):,.0f}/s of {statistics.median(bare):,.0f}/s by pgbench")
        print(f"ratio {ratio:.2f} (goal {GOAL_RATIO:.2f})")
        return ratio


async def _prepare(stack: ExitStack) -> EngagementBench:
    cluster, dsn = await start_database("engagement", stack)
    server, port = await start_api("engagement", dsn, stack, database_pool=DATABASE_CONNECTIONS)
    return EngagementBench(cluster, dsn, server, port, await _open_survey(port), cluster.home)


def _officer(port: int) -> httpx.AsyncClient:
    signed = sign(person(new_id(), Role.ENGAGEMENT_OFFICER), caller_keys()[0])
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={CALLER_HEADER: signed}, timeout=60)


async def _open_survey(port: int) -> UUID:
    async with _officer(port) as officer:
        created = await officer.post("/v1/surveys", json={"title": "What first?", "questions": QUESTIONS})
        survey = created.raise_for_status().json()["id"]
        (await officer.post(f"/v1/surveys/{survey}/open")).raise_for_status()
        return UUID(survey)


async def _serve(bench: EngagementBench, seconds: float) -> float:
    tokens: list[str] = []
    async with _officer(bench.port) as officer:
        while len(tokens) < MAX_RESPONSES_PER_SECOND * seconds:
            body = {"group": "unpaid_carers", "count": MAX_BATCH_INVITATIONS}
            issued = await officer.post(f"/v1/surveys/{bench.survey}/invitations", json=body)
            tokens += issued.raise_for_status().json()["invitations"]
    bench.cluster.sql("VACUUM ANALYZE invitations; VACUUM responses; TRUNCATE outbox; CHECKPOINT", "engagement")
    cpu_before = sum(bench.server.cpu_times()[:2])
    rate, statuses, _ = await load(bench.port, _requests(bench.survey, tokens), HTTP_CONNECTIONS, seconds)
    cpu_seconds = (sum(bench.server.cpu_times()[:2]) - cpu_before) / sum(statuses.values())
    if set(statuses) != {b"201"}:
        raise SystemExit(f"not every response was accepted: {statuses}")
    print(f"  service {rate:8,.0f}/s, {cpu_seconds * 1e6:,.0f} us of its processor each")
    return rate


def _requests(survey: UUID, tokens: list[str]) -> Iterator[bytes]:
    body = json.dumps({"answers": ANSWERS}).encode()
    nobody = sign(Caller(), caller_keys()[0])
    for token in tokens:
        head = (
            f"POST /v1/surveys/{survey}/responses HTTP/1.1\r\nHost: 127.0.0.1\r\n{CALLER_HEADER}: {nobody}\r\n"
            f"Invitation: {token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def _pgbench(bench: EngagementBench, seconds: float, number: int) -> float:
    """Return what pgbench does in a second: the statement, prepared, each client with invitations of its own."""
    script = bench.home / "response.sql"
    script.write_text(f"\\set n :n + 1\n{_statement(bench.survey, number)};\n")
    script.chmod(0o644)
    invitations_per_client = int(MAX_RESPONSES_PER_SECOND * seconds * 3 / DATABASE_CONNECTIONS)
    bench.cluster.sql(
        "INSERT INTO invitations (token_hash, survey_id, stakeholder_group) "  # noqa: S608  our own ids
        f"SELECT {_hash(number, 'client', 'n')}, '{bench.survey}', 'unpaid_carers' "
        f"FROM generate_series(0, {DATABASE_CONNECTIONS - 1}) client, generate_series(1, {invitations_per_client}) n;"
        "VACUUM ANALYZE invitations; VACUUM responses; TRUNCATE outbox; CHECKPOINT",
        "engagement",
    )
    options = ["-n", "-M", "prepared", "-D", "n=0", "-c", str(DATABASE_CONNECTIONS), "-T", str(round(seconds))]
    command = [str(bench.cluster.bin / "pgbench"), *options, "-f", str(script), bench.dsn]
    output = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout
    processed = re.search(r"number of transactions actually processed: (\d+)", output)
    rate = re.search(r"tps = ([\d.]+)", output)
    assert processed is not None
    assert rate is not None
    if int(processed.group(1)) > invitations_per_client * DATABASE_CONNECTIONS:
        raise SystemExit("pgbench ran out of invitations: raise MAX_RESPONSES_PER_SECOND")
    print(f"  pgbench {float(rate.group(1)):8,.0f}/s")
    return float(rate.group(1))


def _statement(survey: UUID, number: int) -> str:
    """Return the statement with pgbench's variables in it."""
    event = json.dumps({"response_id": str(new_id()), "survey_id": str(survey)})
    values = [
        *(f"'{survey}'::uuid", _hash(number, ":client_id", ":n"), "NULL::text", "gen_random_uuid()", "CURRENT_DATE"),
        f"'{json.dumps(ANSWERS)}'::jsonb",
        *("'/engagement'", "NULL", "gen_random_uuid()", "'engagement.responses'", "gen_random_uuid()"),
        *("'engagement.response-received.v1'", "1", f"'{event}'::bytea"),
    ]
    text = STORE_ONE_RESPONSE.replace("\n", " ")
    return re.sub(r"\$(\d+)(::text)?", lambda parameter: values[int(parameter.group(1)) - 1], text)


def _hash(number: int, client: str, n: str) -> str:
    return f"sha256(int8send({number * 100 * MAX_RESPONSES_PER_CLIENT} + {client} * {MAX_RESPONSES_PER_CLIENT} + {n}))"


if __name__ == "__main__":
    arguments = [*map(float, sys.argv[1:]), *itertools.islice((5.0, 3.0), len(sys.argv) - 1, None)]
    asyncio.run(measure(arguments[0], int(arguments[1])))
