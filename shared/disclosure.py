"""How numbers of people are told in public: none so small that somebody might be recognised in it."""

from pydantic import Field

from shared.views import View


class FewerThan(View):
    """Instead of a number of people so small that somebody might be recognised."""

    fewer_than: int = Field(examples=[5])


def people(number: int, fewest: int) -> int | FewerThan:
    """`fewest`: the smallest number that is told."""
    return FewerThan(fewer_than=fewest) if 0 < number < fewest else number
