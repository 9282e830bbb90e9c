"""The one rule for numbers that everybody may read (P10): none so small that somebody could be recognised in it.

The threshold is the setting FEWEST_SHOWN, the same for all services, which a process sets when it starts.
"""

from pydantic import Field

from shared.views import View

DEFAULT_THRESHOLD = 10
"""People in smaller groups could be recognised: their number is not shown."""
LOWEST_THRESHOLD = 3
ROUNDING_BASE = 5

_threshold = DEFAULT_THRESHOLD


class FewerThan(View):
    """Instead of a number of people so small that somebody could be recognised."""

    fewer_than: int = Field(examples=[10])


class AtLeast(View):
    """A number rounded down to a multiple of five, so that one table subtracted from another reveals nobody."""

    at_least: int = Field(examples=[15])


PeopleCount = int | FewerThan
RoundedCount = int | FewerThan | AtLeast
"""0, fewer than the threshold, or a multiple of five that it is at least."""


def set_threshold(people: int) -> None:
    """Set the smallest number that is shown. Raises ValueError below 3."""
    if people < LOWEST_THRESHOLD:
        raise ValueError(f"FEWEST_SHOWN is {people}: {LOWEST_THRESHOLD} is the least that protects anybody")
    global _threshold
    _threshold = people


def threshold() -> int:
    """Return the smallest number that is shown."""
    return _threshold


def is_disclosed(number: int) -> bool:
    """Say whether so many people are enough for a figure about them to be shown."""
    return number >= _threshold


def people_count(number: int, fewest: int | None = None) -> PeopleCount:
    """Return the number, or that it is fewer. `fewest`: the threshold under which it was published, if another."""
    limit = fewest or _threshold
    return FewerThan(fewer_than=limit) if 0 < number < limit else number


def rounded_count(number: int) -> RoundedCount:
    """Return 0, that it is fewer than the threshold, or the multiple of five that it is at least."""
    if number == 0:
        return 0
    if not is_disclosed(number):
        return FewerThan(fewer_than=_threshold)
    return AtLeast(at_least=number - number % ROUNDING_BASE)


def rounded_down(number: int) -> int:
    """Return a multiple of five, rounded down; 0 for fewer than the threshold."""
    return number - number % ROUNDING_BASE if is_disclosed(number) else 0
