"""Meetings that overlap in time: the minutes that they last together, and what each is paid beside the others."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from services.funding.participation.entitlements.tables import Entitlement
from services.funding.programme.rates import rules as rates
from services.funding.programme.rates.tables import RateCard
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


def payment_beside(entitlement: Entitlement, entitlements: Iterable[Entitlement], card: RateCard) -> tuple[int, bool]:
    """Return what the attendance is paid beside those that overlap with it, and whether there are any."""
    minutes, held_on = entitlement.attendance_minutes or 0, entitlement.attendance_held_on or entitlement.held_on
    own = interval_of(held_on, entitlement.attendance_starts_at, minutes)
    if own is None:
        return rates.involvement_pence(card, minutes), False
    others = [
        (other, interval)
        for other in entitlements
        if other is not entitlement
        and other.status == "granted"
        and (interval := interval_of(other.held_on, other.starts_at, other.minutes))
    ]
    connected = connected_to(own, others)
    earlier = [(other, interval) for other, interval in connected if granted_order(other) < granted_order(entitlement)]
    together = total_minutes([own, *(interval for _, interval in earlier)])
    paid_there = sum(other.pence for other, _ in earlier)
    return max(0, rates.involvement_pence(card, together) - paid_there), bool(connected)


def granted_order(entitlement: Entitlement) -> tuple[datetime, UUID]:
    """Return by what entitlements are in the order in which they were granted."""
    return entitlement.granted_at, entitlement.id
