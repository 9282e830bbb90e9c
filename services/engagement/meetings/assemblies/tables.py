"""The table of assemblies."""

from datetime import date, time
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.columns import varchar

AssemblyMode = Literal["in_person", "online"]
AssemblyStatus = Literal["awaiting_funding", "open", "refused"]


class Assembly(Row, table=True):
    """A meeting on a topic. The database refuses to take more places than there are."""

    __tablename__ = "assemblies"

    __table_args__ = (
        CheckConstraint("status IN ('awaiting_funding', 'open', 'refused')", name="status_is_known"),
        CheckConstraint("mode IN ('in_person', 'online')", name="mode_is_known"),
        CheckConstraint("places_taken BETWEEN 0 AND places", name="places_are_not_oversold"),
        CheckConstraint("places > 0 AND minutes > 0 AND expected_cost_pence >= 0", name="sizes_make_sense"),
        CheckConstraint("(refusal IS NOT NULL) = (status = 'refused')", name="refusal_says_why"),
        Index("ix_assemblies_held_on_id", "held_on", "id"),
    )

    title: str = Field(max_length=200)
    topic_id: UUID = Field(foreign_key="topics.id")
    held_on: date
    starts_at: time
    minutes: int
    mode: AssemblyMode = Field(sa_type=varchar(10))
    place: str | None = Field(default=None, max_length=300)
    places: int
    places_taken: int = 0
    expected_cost_pence: int = Field(sa_type=BigInteger)
    scheme: str = Field(max_length=80)
    status: AssemblyStatus = Field(default="awaiting_funding", sa_type=varchar(20))
    refusal: str | None = Field(default=None, max_length=300)
