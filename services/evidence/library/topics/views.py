"""Topics as they are answered."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.evidence.small_numbers import InFives
from shared.views import View


class TopicView(View):
    """A subject area. `priority` is 0 to 100, and null until somebody was asked."""

    id: UUID
    name: str
    parent_id: UUID | None
    synonyms: list[str] = Field(description="Other words that lead here.")
    priority: int | None


class Coverage(View):
    """Published items under a topic and those below it, by way of knowing."""

    research: int = 0
    lived_experience: int = 0
    practice_knowledge: int = 0


class VoiceView(View):
    """What one survey said of a topic."""

    survey_id: UUID
    score: int
    respondents: int
    heard_at: datetime


class RaisedView(View):
    """How a topic was raised in the last 12 months."""

    source: Literal["assemblies", "requests"]
    score: int | None = Field(description="0 to 100; null for fewer than five.")
    heard: InFives = Field(description="People who took part, or questions.")
    counted: bool = Field(description="Whether it had a part in the priority.")


class Reached(View):
    """How the priority came about: the rule, and everything that went into it."""

    rule: str
    voices: list[VoiceView]
    raised: list[RaisedView]


class WholeTopic(TopicView):
    reached: Reached
    coverage: Coverage
    created_at: datetime


class Branch(TopicView):
    """A topic, what is known of it, and the topics under it."""

    coverage: Coverage
    topics: list["Branch"]
