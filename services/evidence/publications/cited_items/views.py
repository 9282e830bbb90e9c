"""Issues that an editor has accepted, as readers see them."""

from datetime import date

from pydantic import BaseModel, Field

from services.evidence.publications.cited_items.rules import Reason
from shared.views import View


class AcceptedIssue(View):
    """Why a citation still holds although its item has changed, as an editor explained it."""

    reason: Reason
    because: str
    on: date


class UnplacedCounts(BaseModel):
    """What a filter by place leaves out of a list because nothing that it cites names a place."""

    without_country: int | None = Field(
        default=None,
        description="With `country`, on the first page: how many pass the other filters and cite nothing that names a "
        "country.",
    )
    without_setting: int | None = Field(
        default=None,
        description="With `setting`, on the first page: how many pass the other filters and cite nothing that names a "
        "setting.",
    )
