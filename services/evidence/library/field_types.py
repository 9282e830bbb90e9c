"""Types of the fields that describe evidence: texts of several lengths, partial dates, periods, countries."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.evidence.library.date_ranges import ends_before
from services.evidence.library.setting_names import setting_name
from shared import clock
from shared.views import Day

Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(max_length=50_000, strip_whitespace=True)]
RequiredProse = Annotated[str, StringConstraints(min_length=1, max_length=50_000, strip_whitespace=True)]
Setting = Annotated[
    str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True), AfterValidator(setting_name)
]
"""By its name where it has one (`setting_names`), so that `At home` and `own home` are one setting."""
Address = Annotated[str, StringConstraints(pattern=r"^https?://", max_length=2_000)]
PersonName = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
Country = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z]{3})?$"),
    Field(description="ISO 3166: `GB`, or a nation within it: `GB-NIR`, `GB-WLS`."),
]


def _check_partial_date(value: str) -> str:
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", value):
        raise ValueError("Give a year, a month or a day: 2019, 2019-03 or 2019-03-14")
    try:
        date.fromisoformat(f"{value}-01-01"[:10])
    except ValueError:
        raise ValueError("There is no such day, month or year") from None
    return value


PartialDate = Annotated[str, AfterValidator(_check_partial_date), Field(examples=["2019", "2019-03", "2019-03-14"])]


def _check_not_in_future(value: date) -> date:
    if value > clock.today():
        raise ValueError("This date is in the future")
    return value


PastDay = Annotated[Day, AfterValidator(_check_not_in_future)]


class Period(BaseModel):
    """From when to when, as precisely as known. Without `to` it continues; without `from` the start is not known."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_by_name=False,
        validate_by_alias=True,
        serialize_by_alias=True,
        json_schema_extra={"example": {"from": "2018", "to": "2019-06"}},
    )

    from_: PartialDate | None = Field(default=None, alias="from")
    to: PartialDate | None = None

    @model_validator(mode="after")
    def _check_order(self) -> "Period":
        if self.from_ is None and self.to is None:
            raise ValueError("Give from when, or to when, or leave the period out")
        if self.from_ and self.to and ends_before(self.from_, self.to):
            raise ValueError("The period ends before it begins")
        return self
