"""Figures over HTTP: how soon questions are answered; whose evidence is found, used and acted upon."""

from datetime import date, timedelta
from typing import Annotated, Any

import orjson
from fastapi import Query, Request
from pydantic import Field

from services.evidence.callers import Anyone
from services.evidence.discovery.statistics import queries, rules
from services.evidence.library.items.descriptions import WAYS
from services.evidence.small_numbers import InFives, in_fives
from shared import clock
from shared.events.contracts.evidence import Urgency, WayOfKnowing
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading
from shared.problems import FieldError, Invalid, documented
from shared.views import View

router = create_router("/v1/figures", "figures")

TARGETS_ARE = "Assumed from the words of the urgency: the centre has not set targets yet."
LONGEST = timedelta(days=3 * 366)


class UrgencyTurnaround(View):
    """Requests of one urgency. Figures of fewer than five are not told."""

    urgency: Urgency
    target_hours: int
    answered: InFives
    waiting: InFives
    median_hours: float | None = Field(description="From the first question to the first answer.")
    ninetieth_percentile_hours: float | None
    within_target: float | None = Field(
        description="Share of those answered, or waiting for longer than the target, that were answered in time."
    )


class Turnaround(View):
    """How soon the front line is answered."""

    since: date
    targets_are: str
    urgencies: list[UrgencyTurnaround]


class WayShares(View):
    """0 to 1 of all ways of knowing together; null where there is nothing. Compare each with `held`."""

    held: float | None
    shown: float | None
    opened: float | None
    used: float | None
    acted_upon: float | None


class WayFigures(View):
    """One way of knowing, from the shelf to a change in practice."""

    way_of_knowing: WayOfKnowing
    held: int = Field(description="Published items.")
    shown: int = Field(description="Times that an item was on a page of a search.")
    opened: int = Field(description="Times that an item was opened by somebody who did not give it or edit it.")
    used: int = Field(description="Items that a published guide or an answer cites, or a project applies.")
    in_guides: int
    in_answers: int
    in_projects: int
    acted_upon: int = Field(description="Items that led, perhaps through a guide, to a project with an outcome.")
    shares: WayShares


class WaysOfKnowing(View):
    """Whose evidence is found, used and acted upon: a way of knowing that is buried has smaller shares than it holds.

    What was shown and opened is of the days from `first` to `last`; the rest is as it is today.
    """

    first: date
    last: date
    ways: list[WayFigures]


@router.get("/turnaround", response_model=Turnaround)
async def show_turnaround(
    caller: Anyone,
    session: Reading,
    request: Request,
    months: Annotated[int, Query(ge=1, le=60, description="Of requests of so many months past.")] = 12,
) -> Turnaround:
    """How soon questions of the front line are answered, by how urgent they are."""
    targets: dict[Urgency, int] = request.app.state.settings.answer_within
    now = clock.now()
    since = now - timedelta(days=months * 365 / 12)
    rows = await queries.turnaround(session, since, now, orjson.dumps(targets).decode())
    return Turnaround(
        since=since.date(),
        targets_are=TARGETS_ARE,
        urgencies=[_turnaround(urgency, target, rows.get(urgency)) for urgency, target in targets.items()],
    )


@router.get("/ways-of-knowing", response_model=WaysOfKnowing, responses=documented(Invalid))
async def show_ways_of_knowing(
    caller: Anyone,
    session: Reading,
    first: Annotated[date | None, Query(alias="from", description="A year before `to`, unless given.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Today, unless given.")] = None,
) -> WaysOfKnowing:
    """Whose evidence is held, found, used and acted upon, each way of knowing beside its share of the library."""
    last = last or clock.today()
    first = first or last - min(timedelta(days=365), last - date.min)
    if not timedelta(0) <= last - first <= LONGEST:
        detail = "Give a first day that is not after the last, and three years at most."
        raise Invalid(errors=[FieldError(pointer="?from", detail=detail)])
    held = await queries.held(session)
    seen = await queries.seen(session, first, last)
    used = await queries.used(session)
    figures = {way: _figures(held.get(way, 0), seen, used.get(way), way) for way in WAYS}
    parts = {name: rules.shares({way: each[name] for way, each in figures.items()}) for name in WayShares.model_fields}
    ways = [
        WayFigures(way_of_knowing=way, **figures[way], shares=WayShares(**{name: parts[name][way] for name in parts}))
        for way in WAYS
    ]
    return WaysOfKnowing(first=first, last=last, ways=ways)


def _turnaround(urgency: Urgency, target: int, row: Any) -> UrgencyTurnaround:
    answered = row.answered if row else 0
    told: dict[str, float | None] = dict.fromkeys(("median_hours", "ninetieth_percentile_hours", "within_target"))
    if row is not None and rules.enough(answered):
        told = {
            "median_hours": round(float(row.median), 1),
            "ninetieth_percentile_hours": round(float(row.ninetieth), 1),
            "within_target": rules.share(row.in_time, answered + row.overdue),
        }
    return UrgencyTurnaround(
        urgency=urgency,
        target_hours=target,
        answered=in_fives(answered),
        waiting=in_fives(row.waiting if row else 0),
        **told,
    )


def _figures(held: int, seen: dict[tuple[str, str], int], used: Any, way: str) -> dict[str, int]:
    return {
        "held": held,
        "shown": seen.get((way, "shown"), 0),
        "opened": seen.get((way, "opened"), 0),
        "used": used.used if used else 0,
        "in_guides": used.guides if used else 0,
        "in_answers": used.answers if used else 0,
        "in_projects": used.projects if used else 0,
        "acted_upon": used.acted if used else 0,
    }
