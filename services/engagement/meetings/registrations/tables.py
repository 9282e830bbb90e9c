"""Registrations as they are kept, and engagement's copy of the entitlements that grew from them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.tables import PERSONAL


class Registration(Row, table=True):
    """One person's place at an assembly. `attended` is null until it is recorded; `entitled` is what funding said."""

    __tablename__ = "registrations"

    __table_args__ = (
        UniqueConstraint("assembly_id", "person_id"),
        CheckConstraint("status IN ('registered', 'cancelled')", name="status_is_known"),
        CheckConstraint("status = 'registered' OR attended IS NOT TRUE", name="only_the_registered_attend"),
        Index("ix_registrations_assembly_id_id", "assembly_id", "id"),
    )

    assembly_id: UUID = Field(foreign_key="assemblies.id")
    person_id: UUID
    status: str = Field(default="registered", max_length=10)
    access_needs: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info=PERSONAL))
    attended: bool | None = None
    entitled: bool = False


class Entitlement(Row, table=True):
    """An entitlement as the funding service last told it; `heard` is the sequence of that event."""

    __tablename__ = "entitlements"

    __audited__ = False

    registration_id: UUID = Field(foreign_key="registrations.id", index=True)
    withdrawn: bool
    heard: int
