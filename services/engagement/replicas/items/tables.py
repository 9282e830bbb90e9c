"""Engagement's copy of the evidence items."""

from uuid import UUID

from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.tables import NEVER_UPDATED


class Item(Row, table=True):
    """An evidence item, as far as projects need it. A replica: `last_sequence` is that of the last event applied."""

    __tablename__ = "items"

    __audited__ = False

    way_of_knowing: str | None = Field(default=None, max_length=30)
    published: bool = False
    notice: str | None = Field(default=None, max_length=30)
    """What became of the work (`RetractionNature`); none after a reinstatement."""
    merged_into: UUID | None = None
    """The item that stands for this one too."""
    last_sequence: int = NEVER_UPDATED
