"""The disclosure rule: nothing that is public is about so few people that somebody could be recognised by it.

docs/disclosure.md says it for people who publish, with its sources. The threshold is the setting FEWEST_SHOWN, the same
for all services, which a process sets when it starts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from math import ceil, floor
from typing import NamedTuple
from uuid import UUID

from pydantic import Field

from shared.views import View

DEFAULT_THRESHOLD = 10
"""The number of people in a smaller group is not shown."""
LOWEST_THRESHOLD = 3
MONEY_ROUNDING_BASE_PENCE = 1_000
SETTLING_DAYS = 2
"""How long after its end a month is closed: what its events tell may come late."""
MAX_WAITING_MONTHS = 3
"""Payments of an assembly of which too few people were paid for so many months join those of other assemblies."""
PROTECTED_SHARE = 10
"""Per cent: nobody's payment can be estimated more closely from a sum, not even by the one with the next largest."""

_threshold = DEFAULT_THRESHOLD


class FewerThan(View):
    """So few people, perhaps nobody, that the number is not shown."""

    fewer_than: int = Field(examples=[20])


class AtLeast(View):
    """A number that was rounded down, so that one table subtracted from another reveals nobody."""

    at_least: int = Field(examples=[40])


RoundedCount = FewerThan | AtLeast


class PersonPayment(NamedTuple):
    """What one person was paid for an assembly, and in which month it was recorded. A voided payment is negative."""

    assembly_id: UUID
    person_id: UUID
    month: date
    """Any day of it."""
    pence: int


class PublicSum(NamedTuple):
    """Payments of enough people to be shown as one sum, from the end of that month on.

    Without an assembly it is of several that were too small.
    """

    assembly_id: UUID | None
    month: date
    """Its first day."""
    pence: int


def set_threshold(people: int) -> None:
    """Set the smallest number that is shown. Raises ValueError below 3."""
    if people < LOWEST_THRESHOLD:
        raise ValueError(f"FEWEST_SHOWN is {people}, which protects nobody: set it to {LOWEST_THRESHOLD} or more")
    global _threshold  # noqa: PLW0603  one threshold for the process, set when it starts
    _threshold = people


def threshold() -> int:
    """Return the smallest number that is shown."""
    return _threshold


def is_disclosed(number: int) -> bool:
    """Return whether a figure about so many people may be shown."""
    return number >= _threshold


def rounded_count(number: int) -> RoundedCount:
    """Return AtLeast a multiple of twice the threshold, or FewerThan it, which nobody is as well.

    Were 0 told from 1, the change would say that somebody answered, finished or was paid on that day.
    """
    at_least = rounded_down(number)
    return AtLeast(at_least=at_least) if at_least else FewerThan(fewer_than=smallest_count())


def rounded_down(number: int, *, parts: int = 1) -> int:
    """Round down to a multiple of twice the threshold, or of more where the number has more parts than the threshold.

    Each of the parts is public as well, or some of them. Whatever is subtracted from what, the difference may be
    anything from nobody to the threshold or more.
    """
    return number - number % table_step(parts)


def smallest_count() -> int:
    """Return the smallest number of people that `rounded_count` shows."""
    return table_step(1)


def table_step(longest_list: int) -> int:
    """Return the step to which all numbers of tables with at most so many rows are rounded down.

    A multiple of the threshold. What is hidden of a row is below one step, and the other rows leave open all of it but
    at most one person a row (docs/disclosure.md, "Why it holds"): so a step of the threshold and the rows is enough.
    """
    return _threshold * ceil((_threshold + longest_list) / _threshold)


def bounded_mean(
    mean: float, *, lowest: float, highest: float, unit: float, at_least: int, step: float
) -> float | None:
    """Return the mean, rounded to a step, and no nearer to either end of its scale than as if enough had differed.

    However alike the answers are, the mean leaves open that as many people as the threshold are a `unit` away from the
    end of the scale. `at_least` is the number of people that is shown beside it. None where nothing is left to say.
    """
    margin = unit * _threshold / at_least
    low = ceil(round((lowest + margin) / step, 6)) * step
    high = floor(round((highest - margin) / step, 6)) * step
    if low >= high:
        return None
    return round(min(max(round(mean / step) * step, low), high), 2)


def first_open_month(today: date) -> date:
    """Return the first day of the earliest month that is not closed: a month is, from the third of the next one on.

    What was recorded in its last minutes has then reached every service, and its sums no longer change.
    """
    return (today - timedelta(days=SETTLING_DAYS)).replace(day=1)


def last_closed_day(today: date) -> date:
    """Return the last day of the last closed month: what is public of money is as of its end."""
    return first_open_month(today) - timedelta(days=1)


def release(payments: Iterable[PersonPayment], today: date) -> list[PublicSum]:
    """Return the sums that are public: of whole batches, each payment in one, until the last closed month.

    What is shown is a sum of whole batches, and so is every difference of two sums, of the same or different months.
    """
    by_month: dict[date, list[PersonPayment]] = defaultdict(list)
    for payment in payments:
        by_month[payment.month.replace(day=1)].append(payment)
    open_month = first_open_month(today)
    waiting: dict[UUID | None, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    waiting_since: dict[UUID, date] = {}
    batches: list[PublicSum] = []
    month = min(by_month, default=open_month)
    while month < open_month:
        for payment in by_month[month]:
            waiting[payment.assembly_id][payment.person_id] += payment.pence
            waiting_since.setdefault(payment.assembly_id, month)
        # None is last: what waits too long joins it first.
        for assembly_id in sorted(waiting_since):
            if _is_batch(waiting[assembly_id]):
                batches.append(_batch(assembly_id, month, waiting.pop(assembly_id)))
            elif _months_between(waiting_since[assembly_id], month) >= MAX_WAITING_MONTHS:
                for person_id, pence in waiting.pop(assembly_id).items():
                    waiting[None][person_id] += pence
            else:
                continue
            del waiting_since[assembly_id]
        if _is_batch(waiting[None]):
            batches.append(_batch(None, month, waiting.pop(None)))
        month = _next_month(month)
    return batches


def _is_batch(by_person: Mapping[UUID, int]) -> bool:
    """Return whether the sum is of enough people, none of whom it tells much about (the p per cent rule)."""
    amounts = sorted((abs(pence) for pence in by_person.values() if pence), reverse=True)
    if not is_disclosed(len(amounts)) or sum(by_person.values()) < 0:
        return False
    return 100 * sum(amounts[2:]) >= PROTECTED_SHARE * amounts[0]


def _batch(assembly_id: UUID | None, month: date, by_person: Mapping[UUID, int]) -> PublicSum:
    pence = sum(by_person.values())
    return PublicSum(assembly_id, month, pence - pence % MONEY_ROUNDING_BASE_PENCE)


def _months_between(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
