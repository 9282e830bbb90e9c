"""How strongly a topic was raised beside all others."""

from dataclasses import dataclass
from typing import Literal

from shared.disclosure import rounded_down

AVERAGE_SCORE = 50
"""The score of a topic that is raised as often as the average topic."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """How often a topic was raised at assemblies, or in requests, of the last 12 months."""

    kind: Literal["assembly", "request"]
    people: int
    """Who took part, or who asked: each of these once."""
    people_of_all_topics: int
    topics: int
    """How many topics were raised at all."""

    @property
    def score(self) -> int | None:
        """0 to 100, halves rounded up; None for so few people that they do not count."""
        if not rounded_down(self.people):
            return None
        average_share = 2 * AVERAGE_SCORE * self.people * self.topics
        return min(100, (average_share + self.people_of_all_topics) // (2 * self.people_of_all_topics))
