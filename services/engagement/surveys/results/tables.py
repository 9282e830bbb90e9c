"""Results as they are published."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.columns import TIMESTAMP


class Result(Row, table=True):
    """What a closed survey says, of the same id: only what anyone may see. The audit trail tells of the closing."""

    __tablename__ = "results"

    __audited__ = False

    respondents: int
    fewest_shown: int
    published: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    published_at: datetime = Field(sa_type=TIMESTAMP)
