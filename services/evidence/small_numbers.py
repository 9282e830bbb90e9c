"""How numbers of people are told: none so small that somebody might be recognised in it."""

from pydantic import Field

from shared import disclosure
from shared.disclosure import FewerThan
from shared.views import View

SMALLEST_NUMBER = 5
"""People in smaller groups could be recognised: their number is not told."""


class AtLeast(View):
    """A number rounded down to a whole five, so that one table taken from another leaves nobody alone."""

    at_least: int = Field(examples=[15])


People = int | FewerThan
InFives = int | FewerThan | AtLeast
"""0, fewer than five, or a whole five that it is at least."""


def small(number: int) -> bool:
    return 0 < number < SMALLEST_NUMBER


def people(number: int) -> People:
    return disclosure.people(number, SMALLEST_NUMBER)


def in_fives(number: int) -> InFives:
    if number == 0:
        return 0
    if small(number):
        return FewerThan(fewer_than=SMALLEST_NUMBER)
    return AtLeast(at_least=number - number % SMALLEST_NUMBER)
