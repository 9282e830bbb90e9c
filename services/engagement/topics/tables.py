"""Engagement's copy of the topics."""

from sqlmodel import Field

from services.engagement.tables import Row


class Topic(Row, table=True):
    """A topic as the evidence service last told it; `heard` is the sequence of that event."""

    __audited__ = False

    name: str = Field(max_length=200)
    priority: int | None = None
    heard: int
