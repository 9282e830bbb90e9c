"""Statistics over HTTP: how soon questions are answered; whose evidence is found, used and acted upon."""

from datetime import timedelta
from typing import Annotated

import orjson
from fastapi import Depends, Query, Request

from services.evidence.callers import Anyone, is_editor
from services.evidence.discovery.statistics import queries, rules
from services.evidence.discovery.statistics.views import (
    Places,
    Turnaround,
    UseOfAnswers,
    WaysOfKnowingStatistics,
    places_view,
    turnaround_view,
    use_of_answers_view,
    ways_view,
)
from shared import clock
from shared.events.contracts.evidence import Urgency
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading
from shared.problems import Invalid, documented
from shared.views import Day

router = create_router("/v1/statistics", "Statistics")


@router.get("/turnaround", response_model=Turnaround)
async def get_turnaround(
    caller: Anyone,
    session: Reading,
    request: Request,
    months: Annotated[int, Query(ge=1, le=60, description="Requests of this many months until today.")] = 12,
) -> Turnaround:
    """Return how soon questions from the front line are answered, by how urgent they are.

    Editors read exact numbers, everyone else by the disclosure rule.
    """
    targets: dict[Urgency, int] = request.app.state.settings.answer_within
    now = clock.now()
    since = now - timedelta(days=months * 365 / 12)
    rows = await queries.turnaround(session, since, now, orjson.dumps(targets).decode())
    return turnaround_view(since.date(), targets, rows, exact=is_editor(caller))


@router.get("/use-of-answers", response_model=UseOfAnswers)
async def get_use_of_answers(
    caller: Anyone,
    session: Reading,
    months: Annotated[int, Query(ge=1, le=60, description="Requests of this many months until today.")] = 12,
) -> UseOfAnswers:
    """Return whether answers to questions from the front line were used, and how many people said what happened.

    Editors read exact numbers, everyone else by the disclosure rule.
    """
    since = clock.now() - timedelta(days=months * 365 / 12)
    return use_of_answers_view(since.date(), await queries.use_of_answers(session, since), exact=is_editor(caller))


@router.get("/ways-of-knowing", response_model=WaysOfKnowingStatistics, responses=documented(Invalid))
async def get_ways_of_knowing(
    _caller: Anyone,
    session: Reading,
    first: Annotated[Day | None, Query(alias="from", description="A year before `to`, unless given.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Today, unless given.")] = None,
) -> WaysOfKnowingStatistics:
    """Return whose evidence is published, found, used and acted upon, each with its share of the library."""
    first, last = rules.period(first, last, clock.today())
    return ways_view(first, last, await queries.count_ways_of_knowing(session, first, last))


@router.get("/places", response_model=Places, dependencies=[Depends(PUBLIC_REVALIDATED)])
async def get_places(_caller: Anyone, session: Reading) -> Places:
    """Return from which countries and settings there is something in the library: what lists can be filtered by."""
    return places_view(*await queries.count_places(session))
