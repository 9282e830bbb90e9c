"""What a figure may say."""

from collections.abc import Mapping

from services.evidence.small_numbers import SMALLEST_NUMBER


def share(number: int, of: int) -> float | None:
    """0 to 1, to three places; None of nothing."""
    return round(number / of, 3) if of else None


def shares(numbers: Mapping[str, int]) -> dict[str, float | None]:
    whole = sum(numbers.values())
    return {name: share(number, whole) for name, number in numbers.items()}


def enough(number: int) -> bool:
    """Whether so many people asked that a figure of them says nothing of any one."""
    return number >= SMALLEST_NUMBER
