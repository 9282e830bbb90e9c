"""Engagement's copy of the evidence items that may be applied."""

from sqlmodel import Field

from services.engagement.tables import Row


class Item(Row, table=True):
    """An evidence item as the evidence service last told it; `heard` is the sequence of that event."""

    __tablename__ = "items"

    __audited__ = False

    way_of_knowing: str | None = Field(max_length=30)
    published: bool
    heard: int
