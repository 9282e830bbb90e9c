"""Engagement's copy of the entitlements."""

from uuid import UUID

from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.tables import NEVER_UPDATED


class Entitlement(Row, table=True):
    """An entitlement of one registration. A replica: `last_sequence` is that of the last event applied."""

    __tablename__ = "entitlements"

    __audited__ = False

    registration_id: UUID = Field(foreign_key="registrations.id", index=True)
    withdrawn: bool = False
    last_sequence: int = NEVER_UPDATED
