"""Results as they are published."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.engagement.tables import Row


class Result(Row, table=True):
    """What a closed survey says, of the same id: only what anyone may see. The audit trail tells of the closing."""

    __audited__ = False

    respondents: int
    fewest_shown: int
    published: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    published_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]  an instance is accepted, the stub wants a class
