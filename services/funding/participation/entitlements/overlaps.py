"""Meetings that overlap in time, and the minutes that they last together."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from shared import clock

T = TypeVar("T")


class Interval(NamedTuple):
    """From one moment to another, the latter not included: meetings that only touch do not overlap."""

    start: datetime
    end: datetime


def interval_of(held_on: date, starts_at: time | None, minutes: int | None) -> Interval | None:
    """Return when a meeting takes place, or None where its time of day is not known. Times are those of England."""
    if starts_at is None or not minutes:
        return None
    start = clock.in_england(held_on, starts_at)
    return Interval(start, start + timedelta(minutes=minutes))


def connected_to(own: Interval, others: Sequence[tuple[T, Interval]]) -> list[tuple[T, Interval]]:
    """Return what overlaps with `own`, directly or through what overlaps with that, in the order of `others`."""
    start, end = own
    while True:
        connected = [(other, interval) for other, interval in others if interval.start < end and start < interval.end]
        earliest = min((interval.start for _, interval in connected), default=start)
        latest = max((interval.end for _, interval in connected), default=end)
        if start <= earliest and latest <= end:
            return connected
        start, end = min(start, earliest), max(end, latest)


def total_minutes(intervals: Iterable[Interval]) -> int:
    """Return the minutes that are in at least one of the intervals."""
    total, covered_until = timedelta(), None
    for start, end in sorted(intervals):
        begin = start if covered_until is None else max(start, covered_until)
        total += max(timedelta(), end - begin)
        covered_until = max(end, begin)
    return int(total / timedelta(minutes=1))
