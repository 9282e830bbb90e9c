"""Retraction lists as they are shown."""

from uuid import UUID

from pydantic import Field

from services.evidence.exchange.file_jobs.views import FileJobView, RejectView, fields_of
from services.evidence.exchange.retraction_lists.tables import RetractionList
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.tables import ItemStatus
from shared.views import View


class RetractionListView(FileJobView):
    """The progress of a list: always rows = flagged + already_flagged + not_in_library + rejected."""

    source: str
    rows: int = Field(description="Rows read so far.")
    flagged: int = Field(description="Notices that items of the library show since this list was read.")
    already_flagged: int = Field(
        description="Notices of items that showed them before, or that show a more serious or a later one."
    )
    not_in_library: int = Field(
        description="Notices of works that the library does not show. They are kept: if such a work is added later, it "
        "is flagged."
    )

    @classmethod
    def of(cls, retraction_list: RetractionList) -> "RetractionListView":
        """Return the view of this list."""
        problems = [retraction_list.problem] if retraction_list.problem else []
        return cls.model_validate(fields_of(retraction_list, problems))


class FlaggedItemView(View):
    """An item that a row flagged, as it is now."""

    number: int = Field(description="Of the row in the list, counted from 1 without the row of column names.")
    item_id: UUID
    item_title: str
    item_status: ItemStatus
    retraction: Retraction | None = Field(description="What the item shows now, also of another list.")


class RejectedRowView(RejectView):
    """A row that could not be read. Its number leaves out the row of column names."""
