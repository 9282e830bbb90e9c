"""Statistics as the API returns them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from services.evidence.discovery.statistics import rules
from services.evidence.discovery.statistics.queries import (
    PlaceRow,
    TurnaroundRow,
    UseOfAnswersRow,
    UseRow,
    WaysOfKnowingCounts,
)
from services.evidence.library.items.descriptions import WAYS
from shared.disclosure import AtLeast, FewerThan, RoundedCount, bounded_mean, rounded_count
from shared.events.contracts.evidence import Urgency, WayOfKnowing
from shared.views import View

TARGETS_NOTE = "Assumed from the meaning of the urgency: the centre has not set targets yet."

Measure = Literal["published", "shown", "opened", "used", "acted_upon"]
SHARE_STEP = 0.05
MAX_SETTINGS = 100
PeopleCount = int | RoundedCount
"""Editors read the number as it is."""
MEASURES: tuple[Measure, ...] = ("published", "shown", "opened", "used", "acted_upon")


class UrgencyTurnaround(View):
    """The people who asked with one urgency, each once, with hours and shares of their questions.

    Were questions counted, whoever asks one more until the number changes would know how many there were.
    """

    urgency: Urgency
    target_hours: int
    answered: PeopleCount = Field(description="People with a question that was answered.")
    waiting: PeopleCount = Field(description="People with a question that waits.")
    median_hours: int | None = Field(default=None, description="From the first question to the first answer.")
    ninetieth_percentile_hours: int | None = None
    within_target: float | None = Field(
        default=None,
        description="Share of those answered, or waiting for longer than the target, that were answered in time: "
        "rounded to 0.05, and the outermost that is shown means it or beyond. For editors exact.",
    )


class Turnaround(View):
    """How soon questions from the front line are answered."""

    since: date
    targets_note: str
    urgencies: list[UrgencyTurnaround]


class UseOfAnswers(View):
    """What became of answers, in people who asked: each counts once in each number, whatever they asked."""

    since: date
    answered: PeopleCount = Field(description="People with a question that was answered.")
    used: PeopleCount = Field(description="People who used an answer.")
    not_used: PeopleCount = Field(description="People who did not use an answer.")
    not_yet_used: PeopleCount
    with_outcome: PeopleCount = Field(description="People who said what happened.")


class WayShares(View):
    """The share of one way of knowing in each measure, 0 to 1; null where all are 0. Compare each with `published`."""

    published: float | None
    shown: float | None
    opened: float | None
    used: float | None
    acted_upon: float | None


class WayStatistics(View):
    """One way of knowing, from the library to a change in practice."""

    way_of_knowing: WayOfKnowing
    published: int = Field(description="Published items.")
    shown: int = Field(description="How often an item was on a page of search results.")
    opened: int = Field(description="How often an item was opened by somebody who neither gave nor edits it.")
    used: int = Field(description="Items that a published guide or an answer cites, or a project applies.")
    in_guides: int
    in_answers: int
    in_projects: int
    acted_upon: int = Field(description="Items that led, perhaps through a guide, to a project with an outcome.")
    shares: WayShares


class WaysOfKnowingStatistics(View):
    """Whose evidence is found, used and acted upon. One that is overlooked has shares below its share of `published`.

    What was shown and opened counts from `first` to `last`; the rest is as it is today.
    """

    first: date
    last: date
    ways: list[WayStatistics]


def turnaround_view(
    since: date, targets: Mapping[Urgency, int], rows: Mapping[str, TurnaroundRow], *, exact: bool
) -> Turnaround:
    """Return the turnaround, every number by the disclosure rule unless `exact`. `targets`: hours by urgency."""
    return Turnaround(
        since=since,
        targets_note=TARGETS_NOTE,
        urgencies=[_urgency(urgency, target, rows.get(urgency), exact=exact) for urgency, target in targets.items()],
    )


def use_of_answers_view(since: date, row: UseOfAnswersRow, *, exact: bool) -> UseOfAnswers:
    """Return what became of answers, every number by the disclosure rule unless `exact`."""
    counts = {name: _people(number, exact=exact) for name, number in row._asdict().items()}
    return UseOfAnswers(since=since, **counts)


def _people(number: int, *, exact: bool) -> PeopleCount:
    return number if exact else rounded_count(number)


def _urgency(urgency: Urgency, target_hours: int, row: TurnaroundRow | None, *, exact: bool) -> UrgencyTurnaround:
    answered, waiting = (row.people_answered, row.people_waiting) if row else (0, 0)
    view = UrgencyTurnaround(
        urgency=urgency,
        target_hours=target_hours,
        answered=_people(answered, exact=exact),
        waiting=_people(waiting, exact=exact),
    )
    if row is None or isinstance(view.answered, FewerThan) or not row.answered:
        return view
    within_target = row.in_time / (row.answered + row.overdue)
    if isinstance(view.answered, AtLeast):
        within_target = bounded_mean(
            within_target, lowest=0, highest=1, unit=1, at_least=view.answered.at_least, step=SHARE_STEP
        )
    return view.model_copy(
        update={
            "median_hours": round(row.median_hours or 0),
            "ninetieth_percentile_hours": round(row.ninetieth_percentile_hours or 0),
            "within_target": within_target,
        }
    )


class PlaceCount(View):
    """A country or a setting, and how many published items name it."""

    value: str = Field(description="As the filters of lists take it: `GB-WLS`, `own home`.")
    count: int


class Places(View):
    """The countries and settings that published items name, the most frequent first."""

    countries: list[PlaceCount]
    settings: list[PlaceCount] = Field(description=f"The {MAX_SETTINGS} that are named most.")
    without_country: int = Field(description="Items that name no country.")
    without_setting: int = Field(description="Items that name no setting.")


def places_view(countries: Sequence[PlaceRow], settings: Sequence[PlaceRow]) -> Places:
    """Return the places, without those of which nothing is known."""
    return Places(
        countries=_place_counts(countries),
        settings=_place_counts(settings)[:MAX_SETTINGS],
        without_country=sum(row.number for row in countries if row.value is None),
        without_setting=sum(row.number for row in settings if row.value is None),
    )


def _place_counts(rows: Sequence[PlaceRow]) -> list[PlaceCount]:
    return [PlaceCount(value=row.value, count=row.number) for row in rows if row.value is not None]


def ways_view(first: date, last: date, counted: WaysOfKnowingCounts) -> WaysOfKnowingStatistics:
    """Return the statistics."""
    counts = {way: _counts(way, counted) for way in WAYS}
    shares = {measure: rules.shares({way: counts[way][measure] for way in WAYS}) for measure in MEASURES}
    ways = [
        WayStatistics(
            way_of_knowing=way,
            **counts[way],
            shares=WayShares(**{measure: shares[measure][way] for measure in MEASURES}),
        )
        for way in WAYS
    ]
    return WaysOfKnowingStatistics(first=first, last=last, ways=ways)


def _counts(way: str, counted: WaysOfKnowingCounts) -> dict[str, int]:
    used = counted.use.get(way, UseRow(way, 0, 0, 0, 0, 0))
    return {
        "published": counted.published.get(way, 0),
        "shown": counted.views.get((way, "shown"), 0),
        "opened": counted.views.get((way, "opened"), 0),
        "used": used.used,
        "in_guides": used.in_guides,
        "in_answers": used.in_answers,
        "in_projects": used.in_projects,
        "acted_upon": used.acted_upon,
    }
