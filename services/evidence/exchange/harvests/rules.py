"""What a harvest does next, and what a person should know of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.evidence.exchange.harvests.tables import Harvest, HarvestRun
from shared.problems import Conflict, Gone, Invalid, NotFound

MOST_ATTEMPTS: Final = 7
"""Of one page, the pause doubling each time: about half an hour altogether."""
FIRST_PAUSE: Final = timedelta(seconds=30)
IN_HAND: Final = timedelta(minutes=5)
"""How long a worker has a page in hand before another may take it: longer than the longest answer."""


MOST_PAGES: Final = 100_000
"""Of one run: a list that is longer goes in a circle."""
CIRCLE: Final = (
    "The source sends the same page again and again: what it had sent until then is kept. Tell those who run it."
)


class HarvestNotFound(NotFound):
    detail = "No harvest with this id was found. The list is at /v1/harvests."


class HarvestRemoved(Gone):
    title = "This source is no longer harvested"
    detail = (
        "It was removed with its runs and its quarantine; what it brought stays. It can be named anew at /v1/harvests."
    )


class QuarantinedNotFound(NotFound):
    detail = "No such record is in this harvest's quarantine: it may have been taken since. Look at the list again."


class SourceNotAllowed(Invalid):
    title = "This source cannot be harvested"


class HarvestUnderWay(Conflict):
    title = "This source is being harvested at this moment"
    detail = "Nothing needs to be done: the run goes on by itself. Look at it at /v1/harvests/{harvest_id}/runs."


class StillNotTaken(Conflict):
    title = "The record can still not be taken"


@dataclass
class Counts:
    """What became of records. Always received = created + matched + changed + deleted + quarantined."""

    created: int = 0
    matched: int = 0
    changed: int = 0
    deleted: int = 0
    quarantined: int = 0

    @property
    def received(self) -> int:
        return self.created + self.matched + self.changed + self.deleted + self.quarantined

    def add(self, more: "Counts") -> None:
        for name in ("created", "matched", "changed", "deleted", "quarantined"):
            setattr(self, name, getattr(self, name) + getattr(more, name))


def begin(harvest: Harvest, now: datetime) -> HarvestRun:
    return HarvestRun(harvest_id=harvest.id, asked_from=harvest.since, try_at=now)


def turn(run: HarvestRun, counts: Counts, at: str | None, token: str | None, size: int | None, now: datetime) -> None:
    """A page has been taken."""
    run.pages += 1
    run.received += counts.received
    run.created += counts.created
    run.matched += counts.matched
    run.changed += counts.changed
    run.deleted += counts.deleted
    run.quarantined += counts.quarantined
    run.first_answer = run.first_answer or at
    run.list_size = size if size is not None else run.list_size
    run.token, run.attempts, run.problem, run.try_at = token, 0, None, now


def goes_in_a_circle(run: HarvestRun, asked: str | None) -> bool:
    """Whether the list would not end: OAI-PMH lets the token that was `asked` lead to its own page alone."""
    return run.token is not None and (run.token == asked or run.pages >= MOST_PAGES)


def wait(run: HarvestRun, problem: str, seconds: float, now: datetime) -> None:
    """The source asked for a pause: that is no failure."""
    run.problem, run.try_at = problem, now + timedelta(seconds=seconds)


def fail(run: HarvestRun, problem: str, now: datetime, *, for_good: bool = False) -> bool:
    """Note a failure. Returns whether the run is given up."""
    run.attempts += 1
    run.problem = problem
    run.try_at = now + FIRST_PAUSE * 2 ** (run.attempts - 1)
    return for_good or run.attempts >= MOST_ATTEMPTS


def next_since(harvest: Harvest, run: HarvestRun, *, by_day: bool) -> str | None:
    """From when the next run asks: the source's own time of the first page, less the finest step of its clock.

    A clock that goes ahead of ours would make us pass over what changes until then: ours counts where it is earlier.
    """
    if run.first_answer is None:
        return harvest.since
    moment = datetime.fromisoformat(run.first_answer).replace(tzinfo=UTC)
    moment = min(moment, run.created_at)
    if by_day:
        return (moment - timedelta(days=1)).strftime("%Y-%m-%d")
    return (moment - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def next_at(harvest: Harvest, now: datetime) -> datetime | None:
    return None if harvest.every_hours is None else now + timedelta(hours=harvest.every_hours)


def problems(run: HarvestRun) -> list[str]:
    told = [run.problem] if run.problem else []
    if run.status == "done" and run.list_size is not None and run.list_size != run.received:
        told.append(
            f"The source said that there are {run.list_size} records, and sent {run.received}. Some may have changed "
            "while they were read; if the next run says the same, ask the source."
        )
    if run.quarantined:
        told.append(f"{run.quarantined} records could not be taken: see the quarantine.")
    return told


def arguments(harvest: Harvest, run: HarvestRun) -> dict[str, str]:
    """Of the next request."""
    if run.token:
        return {"verb": "ListRecords", "resumptionToken": run.token}
    asked = {"verb": "ListRecords", "metadataPrefix": harvest.metadata_prefix}
    if harvest.set_spec:
        asked["set"] = harvest.set_spec
    if run.asked_from:
        asked["from"] = run.asked_from
    return asked
