"""Engagement's copy of the guides."""

from services.engagement.tables import Row
from shared.persistence.tables import NEVER_UPDATED


class Guide(Row, table=True):
    """A guide, as far as projects need it. A replica: `last_sequence` is that of the last event applied."""

    __tablename__ = "guides"

    __audited__ = False

    edition: int | None = None
    """The last published edition; none where only the withdrawal has arrived."""
    published: bool = False
    last_sequence: int = NEVER_UPDATED
