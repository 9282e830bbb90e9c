"""Bodies and views of attendance."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from services.engagement.meetings.attendance import rules
from shared.views import Body, View


class AttendanceRequest(Body):
    """Whether one registered person took part."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"registration_id": "01980000-0000-7000-8000-000000000002", "attended": True}}
    )

    registration_id: UUID
    attended: Annotated[bool, Field(strict=True)]


class AttendanceListRequest(Body):
    """Whether each of many registered people took part."""

    attendances: list[AttendanceRequest] = Field(min_length=1, max_length=rules.MAX_BATCH_ATTENDANCES)


class AttendanceView(View):
    """How many were recorded, and how many of them changed something."""

    recorded: int
    changed: int
