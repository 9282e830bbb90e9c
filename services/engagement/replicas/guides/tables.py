"""Engagement's copy of the guides that may be applied."""

from sqlmodel import Field

from services.engagement.tables import Row


class Guide(Row, table=True):
    """A guide as the evidence service last told it; `heard` is the sequence of that event."""

    __tablename__ = "guides"

    __audited__ = False

    edition: int | None = Field(default=None)
    """The edition that stands; none while all that was heard is that the guide is gone."""
    published: bool
    heard: int
