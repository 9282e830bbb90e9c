"""The table of published results."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.columns import TIMESTAMP


class Result(Row, table=True):
    """The results of the closed survey with this id: only what anyone may see. The audit trail has the closing."""

    __tablename__ = "results"

    __audited__ = False

    respondents: int
    unnamed_voices: int | None = None
    """How many answered by an invitation for nobody known, rounded down; None in results from before it was counted."""
    fewest_shown: int
    published: dict[str, Any] = Field(sa_type=JSONB)
    published_at: datetime = Field(sa_type=TIMESTAMP)
