"""Bodies and views of assemblies."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from services.engagement.callers import manages_assemblies
from services.engagement.meetings.assemblies import rules
from services.engagement.meetings.assemblies.tables import Assembly, AssemblyMode, AssemblyStatus
from services.engagement.replicas.topics.tables import Topic
from services.engagement.replicas.topics.views import TopicView
from shared.callers import Caller
from shared.disclosure import rounded_down
from shared.views import Body, Day, Money, View

EXAMPLE: dict[str, Any] = {
    "title": "Breaks that work: an assembly of carers and practitioners",
    "topic_id": "01980000-0000-7000-8000-000000000001",
    "held_on": "2027-04-21",
    "starts_at": "10:30",
    "minutes": 180,
    "mode": "in_person",
    "place": "The library, Church Street, Leeds",
    "places": 40,
    "expected_cost": {"pence": 480000, "currency": "GBP"},
    "scheme": "participation",
}


TIME_OF_DAY = {"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"}
"""Not `format: time`, which has an offset from UTC (RFC 3339) that a time of day in England has not."""
TimeOfDay = Annotated[time, WithJsonSchema(TIME_OF_DAY)]


def _check_time_of_day(value: object) -> object:
    """Return what a time is read from. Raises ValueError for zones, and for numbers, which are taken for seconds."""
    if isinstance(value, time) or (isinstance(value, str) and re.fullmatch(TIME_OF_DAY["pattern"], value)):
        return value
    raise ValueError("write the time of day in England without a zone, as in 10:30")


LocalTime = Annotated[TimeOfDay, BeforeValidator(_check_time_of_day)]


class AssemblyRequest(Body):
    """An assembly as an engagement officer plans it."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    title: str = Field(min_length=1, max_length=200)
    topic_id: UUID
    held_on: Day
    starts_at: LocalTime = Field(description="The time of day in England, as in 10:30.")
    minutes: int = Field(ge=15, le=1440)
    mode: AssemblyMode
    place: str | None = Field(
        default=None,
        max_length=300,
        description="Where people meet; of an online meeting, how to join it. The latter is shown only to whoever "
        "registers.",
    )
    places: int = Field(ge=1, le=10_000)
    expected_cost: Money = Field(description="For everyone's participation; funding reserves it.")
    scheme: str = Field(min_length=1, max_length=80, description="The funding scheme that pays.")


class AssemblyPatch(Body):
    """What may change after the money was asked for (RFC 7396): what is left out stays."""

    title: str | None = Field(default=None, min_length=1, max_length=200)
    starts_at: LocalTime | None = None
    place: str | None = Field(default=None, max_length=300)


class AssemblyView(View):
    """An assembly as people see it. `refusal` says in plain language why it has no money.

    `place` of an online meeting is shown here to engagement officers, and to whoever registered in their registration.
    """

    id: UUID
    title: str
    topic: TopicView
    held_on: date
    starts_at: TimeOfDay
    minutes: int
    mode: AssemblyMode
    place: str | None
    places: int
    places_left: int = Field(
        description="0 where it is full. Else officers read the number; everyone else at most how many, since one less "
        "would say that somebody registered."
    )
    expected_cost: Money
    scheme: str
    status: AssemblyStatus
    refusal: str | None
    open_questions: int | None = Field(
        description="Questions from the front line on this topic that wait for an answer: what people may want to talk "
        "about. For officers: whoever asks until a number changes would know how many others asked. How many people's "
        "questions wait is in the coverage of the topic, for everyone."
    )
    created_at: datetime

    @classmethod
    def of(cls, assembly: Assembly, topic: Topic) -> Self:
        """Return all of it, for those who may change the assembly."""
        fields = assembly.model_dump() | {
            "topic": TopicView.model_validate(topic),
            "places_left": assembly.places - assembly.places_taken,
            "expected_cost": Money(pence=assembly.expected_cost_pence),
            "open_questions": topic.open_questions,
        }
        return cls.model_validate(fields)

    @classmethod
    def for_caller(cls, caller: Caller, assembly: Assembly, topic: Topic) -> Self:
        """Return what this caller may read."""
        view = cls.of(assembly, topic)
        if manages_assemblies(caller):
            return view
        place = assembly.place if rules.is_place_public(assembly) else None
        places_left = assembly.places - rounded_down(assembly.places_taken) if view.places_left else 0
        return view.model_copy(update={"place": place, "open_questions": None, "places_left": places_left})
