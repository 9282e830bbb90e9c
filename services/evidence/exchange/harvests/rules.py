"""What a harvest does next, and what a person should know about it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.evidence.exchange.file_jobs.rules import AttemptLimit
from services.evidence.exchange.harvests.tables import Harvest, HarvestRun
from shared.problems import Conflict, FieldError, Gone, Invalid

PAGE_ATTEMPTS: Final = AttemptLimit(max_attempts=7, first_delay=timedelta(seconds=30))
"""For one page: about half an hour in all."""
LEASE: Final = timedelta(minutes=5)
"""How long a page belongs to one worker: longer than the longest request."""
MAX_PAGES: Final = 100_000
"""In one run. A longer list is taken to be circular."""
CIRCULAR: Final = (
    "The source sends the same page again and again. What it sent before is kept. Tell the people who run it."
)
WAIT_REQUESTED: Final = "The source asked us to wait. The run goes on by itself."
ITEM_LOCKED: Final = "Somebody is changing an item of the next page. The run goes on by itself."
PAGE_FAILED: Final = "A page could not be stored. Tell us if it happens again."
ABANDONED: Final = "{problem} The run was given up after {attempts} attempts; what it had stored is kept."


class HarvestRemoved(Gone):
    title = "This source is no longer harvested"
    detail = (
        "It was removed with its runs and its quarantine; the items that it brought stay. To harvest it again, add it "
        "at /v1/harvests."
    )


class SourceNotAllowed(Invalid):
    title = "This source cannot be harvested"


class HarvestRunning(Conflict):
    title = "This source is being harvested now"
    detail = "Nothing needs to be done: the run goes on by itself. See it at /v1/harvests/{harvest_id}/runs."


class StillQuarantined(Conflict):
    title = "The record still cannot be stored"
    detail = (
        "{reason} It stays in quarantine, as it came. Ask the people who run the source to correct it: the next run "
        "harvests what they have changed."
    )


@dataclass
class RecordCounts:
    """What became of records. Always received = created + matched + changed + deleted + quarantined.

    Of the matched, some enriched their items, and some left conflicts to an editor.
    """

    created: int = 0
    matched: int = 0
    changed: int = 0
    deleted: int = 0
    quarantined: int = 0
    enriched: int = 0
    conflicts: int = 0

    @property
    def received(self) -> int:
        """The sum of all counts."""
        return self.created + self.matched + self.changed + self.deleted + self.quarantined

    def add(self, other: "RecordCounts") -> None:
        """Add the counts of other records."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def check_topics(unknown: list[int]) -> None:
    """Raise Invalid where there are unknown topics, given by their positions."""
    if unknown:
        detail = "There is no such topic. The list is at /v1/topics."
        raise Invalid(errors=[FieldError(pointer=f"/topics/{position}", detail=detail) for position in unknown])


def begin(harvest: Harvest, now: datetime) -> HarvestRun:
    """Return the next run of this harvest."""
    return HarvestRun(harvest_id=harvest.id, since=harvest.since, try_at=now)


def advance(
    run: HarvestRun,
    counts: RecordCounts,
    *,
    response_date: str | None,
    resumption_token: str | None,
    complete_list_size: int | None,
    now: datetime,
) -> None:
    """Record that a page was stored."""
    run.pages += 1
    run.received += counts.received
    run.created += counts.created
    run.matched += counts.matched
    run.changed += counts.changed
    run.deleted += counts.deleted
    run.quarantined += counts.quarantined
    run.enriched += counts.enriched
    run.conflicts += counts.conflicts
    run.first_response_date = run.first_response_date or response_date
    run.complete_list_size = complete_list_size if complete_list_size is not None else run.complete_list_size
    run.resumption_token, run.attempts, run.problem, run.try_at = resumption_token, 0, None, now


def is_circular(run: HarvestRun, previous_token: str | None) -> bool:
    """Return whether the list would never end: its token repeats, or it has too many pages."""
    token = run.resumption_token
    return token is not None and (token == previous_token or run.pages >= MAX_PAGES)


def postpone(run: HarvestRun, seconds: float, now: datetime) -> None:
    """Put the next page off because the source asked for it. That is not a failure."""
    run.problem, run.try_at = WAIT_REQUESTED, now + timedelta(seconds=seconds)


def record_failure(run: HarvestRun, problem: str, now: datetime) -> None:
    """Count a failure of the next page, and put it off; fail the run after too many."""
    run.attempts += 1
    run.problem = problem
    run.try_at = PAGE_ATTEMPTS.next_try(run.attempts, now)
    if PAGE_ATTEMPTS.exhausted(run.attempts):
        fail(run, ABANDONED.format(problem=problem, attempts=run.attempts), now)


def fail(run: HarvestRun, problem: str, now: datetime) -> None:
    """End the run before the end of the list."""
    run.status, run.finished_at, run.problem = "failed", now, problem


def complete(run: HarvestRun, now: datetime) -> None:
    """End the run at the end of the list."""
    run.status, run.finished_at = "done", now


def next_since(harvest: Harvest, run: HarvestRun, *, day_granularity: bool) -> str | None:
    """Return the datestamp from which the next run requests changes: a day or a second before this run's first page.

    The time of that page is the source's own, or ours if it is earlier: a clock that is fast would hide changes.
    """
    if run.first_response_date is None:
        return harvest.since
    moment = datetime.fromisoformat(run.first_response_date).replace(tzinfo=UTC)
    moment = min(moment, run.created_at)
    if day_granularity:
        return (moment - timedelta(days=1)).strftime("%Y-%m-%d")
    return (moment - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def next_at(harvest: Harvest, now: datetime) -> datetime | None:
    """Return when the next run begins, if one is planned."""
    return None if harvest.every_hours is None else now + timedelta(hours=harvest.every_hours)


def problems(run: HarvestRun) -> list[str]:
    """Return what a person should know about a run besides its counts."""
    problems = [run.problem] if run.problem else []
    size = run.complete_list_size
    if run.status == "done" and size is not None and size != run.received:
        problems.append(
            f"The source announced {size} records and sent {run.received}. Some may have changed while they were read. "
            "If this is said of the next run too, ask the people who run the source."
        )
    if run.quarantined:
        problems.append(f"{run.quarantined} records could not be stored: see the quarantined records.")
    return problems


def request_arguments(harvest: Harvest, run: HarvestRun) -> dict[str, str]:
    """Return the arguments of the next request."""
    if run.resumption_token:
        return {"verb": "ListRecords", "resumptionToken": run.resumption_token}
    arguments = {"verb": "ListRecords", "metadataPrefix": harvest.metadata_prefix}
    if harvest.set_spec:
        arguments["set"] = harvest.set_spec
    if run.since:
        arguments["from"] = run.since
    return arguments
