"""What became of a work after it came out, as its publisher or a list of such notices says it."""

from datetime import date

from pydantic import ConfigDict, Field

from services.evidence.library.items.descriptions import Identifier
from services.evidence.library.items.fields import Address, Line
from shared.events.contracts.evidence import RetractionNature
from shared.views import Body


class Retraction(Body):
    """Taken back, corrected, doubted, or reinstated after that. The item stays shown, with this said first."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "nature": "retraction",
                "on": "2023-04-11",
                "notice": {"scheme": "doi", "value": "10.5555/notice.1"},
                "reasons": ["Error in analyses"],
                "source": "Retraction Watch",
            }
        },
    )

    nature: RetractionNature
    on: date | None = Field(default=None, description="The day of the notice.")
    notice: Identifier | Address | None = Field(default=None, description="Where the notice itself is.")
    reasons: list[Line] = Field(default=[], max_length=50)
    source: Line = Field(description="Who says so: a publisher, a list of retractions.")
