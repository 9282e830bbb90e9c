"""Events of the engagement service."""

from datetime import date, time
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.event import Event

ProjectModel = Literal["demonstrator", "facilitator", "network"]
OutcomeDirection = Literal["better", "same", "worse"]
RespondentGroup = Literal[
    "people_who_draw_on_care_and_support",
    "unpaid_carers",
    "frontline_practitioners",
    "managers_and_providers",
    "commissioners",
    "researchers",
    "policy_makers",
    "others",
    "smaller_groups",
]


class GroupScore(BaseModel):
    """What one stakeholder group scored a topic, 0 to 100, and how many of them answered.

    Groups too small to show are together the group `smaller_groups`.
    """

    model_config = ConfigDict(frozen=True)

    group: RespondentGroup
    score: int
    people: int


class TopicPriority(BaseModel):
    """What the survey scored one topic: 0 to 100, each stakeholder group weighing the same.

    `by_group`: what may be shown of each; empty in older events.
    """

    model_config = ConfigDict(frozen=True)

    topic_id: UUID
    score: int
    by_group: tuple[GroupScore, ...] = ()


class SurveyOpened(Event, topic="engagement.surveys", key="survey_id"):
    """A survey is open to responses; `topic_ids` are the topics that it asks about."""

    survey_id: UUID
    topic_ids: tuple[UUID, ...]


class ResponseReceived(Event, topic="engagement.responses", key="response_id"):
    """One more person answered: not who, of which group, or what."""

    response_id: UUID
    survey_id: UUID


class ResultsPublished(Event, topic="engagement.surveys", key="survey_id"):
    """A survey closed and its results are public. `respondents` counts everyone who answered."""

    survey_id: UUID
    respondents: int
    priorities: tuple[TopicPriority, ...]


class AssemblyPlanned(Event, topic="engagement.assemblies", key="assembly_id"):
    """An assembly needs money reserved before it may open. `expected_cost_pence` is for everyone's participation."""

    assembly_id: UUID
    topic_id: UUID
    held_on: date
    places: int
    expected_cost_pence: int
    scheme: str


class RegistrationOpened(Event, topic="engagement.assemblies", key="assembly_id"):
    """The funding of an assembly is reserved, and people may register."""

    assembly_id: UUID


class AttendanceRecorded(Event, topic="engagement.registrations", key="registration_id"):
    """Whether a registered person took part. A correction is the same key with a higher sequence.

    `starts_at`: the time of day in England; None in older events.
    `recorded_by`: the person who recorded or corrected it; None for a partner's client, and in older events.
    """

    registration_id: UUID
    assembly_id: UUID
    person_id: UUID
    attended: bool
    held_on: date
    minutes: int
    scheme: str
    starts_at: time | None = None
    recorded_by: UUID | None = None


class ProjectStarted(Event, topic="engagement.projects", key="project_id"):
    """A support project began. It applies evidence items and guides, and may come from an assembly."""

    project_id: UUID
    topic_id: UUID
    model: ProjectModel
    applies: tuple[UUID, ...]
    assembly_id: UUID | None = None
    guide_ids: tuple[UUID, ...] = ()


class OutcomeRecorded(Event, topic="engagement.projects", key="project_id"):
    """A project measured a change in practice. `people_affected` is how many, not who."""

    project_id: UUID
    outcome_id: UUID
    measure: str
    direction: OutcomeDirection
    people_affected: int
