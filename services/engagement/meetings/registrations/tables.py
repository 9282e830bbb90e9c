"""The table of registrations."""

from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.columns import varchar
from shared.persistence.tables import PERSONAL

RegistrationStatus = Literal["registered", "cancelled"]


class Registration(Row, table=True):
    """One person's place at an assembly. `attended` is null until recorded; `entitled` follows funding's events."""

    __tablename__ = "registrations"

    __table_args__ = (
        UniqueConstraint("assembly_id", "person_id"),
        CheckConstraint("status IN ('registered', 'cancelled')", name="status_is_known"),
        CheckConstraint("status = 'registered' OR attended IS NOT TRUE", name="only_the_registered_attend"),
        Index("ix_registrations_assembly_id_id", "assembly_id", "id"),
    )

    assembly_id: UUID = Field(foreign_key="assemblies.id")
    person_id: UUID
    status: RegistrationStatus = Field(default="registered", sa_type=varchar(10))
    access_needs: bytes = Field(sa_column_kwargs={"info": PERSONAL})
    """Ciphertext: see `directory.access_needs.cipher`."""
    attended: bool | None = None
    entitled: bool = False
