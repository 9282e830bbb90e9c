"""The table of registrations."""

from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.columns import varchar
from shared.persistence.tables import PERSONAL

RegistrationStatus = Literal["registered", "cancelled"]


class Registration(Row, table=True):
    """One person's place at an assembly. `attended` is null until recorded; `entitled` follows funding's events.

    `own_needs`: the access needs were given for this registration alone; otherwise they follow the person's saved ones
    until the assembly ends. A cancelled registration has none.
    """

    __tablename__ = "registrations"

    __table_args__ = (
        UniqueConstraint("assembly_id", "person_id"),
        CheckConstraint("status IN ('registered', 'cancelled')", name="status_is_known"),
        CheckConstraint("status = 'registered' OR attended IS NOT TRUE", name="only_the_registered_attend"),
        CheckConstraint("status = 'registered' OR access_needs IS NULL", name="cancelled_has_no_needs"),
        Index("ix_registrations_person_id", "person_id", "id"),
        Index("ix_registrations_assembly_id_id", "assembly_id", "id"),
    )

    assembly_id: UUID = Field(foreign_key="assemblies.id")
    person_id: UUID
    status: RegistrationStatus = Field(default="registered", sa_type=varchar(10))
    access_needs: bytes | None = Field(default=None, sa_column_kwargs={"info": PERSONAL})
    """Ciphertext: see `directory.access_needs.cipher`."""
    own_needs: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    attended: bool | None = None
    entitled: bool = False
