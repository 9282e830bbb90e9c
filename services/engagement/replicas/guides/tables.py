"""Engagement's copy of the guides."""

from sqlalchemy import String, text
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.columns import array_of
from shared.persistence.tables import NEVER_UPDATED


class Guide(Row, table=True):
    """A guide, as far as projects need it. A replica: `last_sequence` is that of the last event applied."""

    __tablename__ = "guides"

    __audited__ = False

    edition: int | None = None
    """The last published edition; none where only the withdrawal has arrived."""
    published: bool = False
    doubts: list[str] = Field(
        default_factory=list[str], sa_type=array_of(String(20)), sa_column_kwargs={"server_default": text("'{}'")}
    )
    """Those of the last published edition (`GuideDoubt`)."""
    last_sequence: int = NEVER_UPDATED
