"""The disclosure rule: no published number is so small that somebody could be recognised by it.

The threshold is the setting FEWEST_SHOWN, the same for all services, which a process sets when it starts.
"""

from pydantic import Field

from shared.views import View

DEFAULT_THRESHOLD = 10
"""The number of people in a smaller group is not shown."""
LOWEST_THRESHOLD = 3
ROUNDING_BASE = 5

_threshold = DEFAULT_THRESHOLD


class FewerThan(View):
    """Takes the place of a number of people so small that somebody could be recognised by it."""

    fewer_than: int = Field(examples=[10])


class AtLeast(View):
    """A number rounded down to a multiple of five, so that one table subtracted from another reveals nobody."""

    at_least: int = Field(examples=[15])


PeopleCount = int | FewerThan
RoundedCount = int | FewerThan | AtLeast
"""0, fewer than the threshold, or at least a multiple of five."""


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


def people_count(number: int, fewest: int | None = None) -> PeopleCount:
    """Return the number, or FewerThan the threshold: today's, or `fewest`, under which it was published."""
    limit = fewest or _threshold
    return FewerThan(fewer_than=limit) if 0 < number < limit else number


def rounded_count(number: int) -> RoundedCount:
    """Return 0, FewerThan the threshold, or AtLeast a multiple of five."""
    if number == 0:
        return 0
    if not is_disclosed(number):
        return FewerThan(fewer_than=_threshold)
    return AtLeast(at_least=number - number % ROUNDING_BASE)


def rounded_down(number: int) -> int:
    """Round down to a multiple of five, and to 0 below the threshold."""
    return number - number % ROUNDING_BASE if is_disclosed(number) else 0
