"""Rows of payees."""

from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.tables import PERSONAL


class Payee(Row, table=True):
    """One person's bank details in `sealed`, encrypted with AES-256-GCM and bound to this row."""

    __tablename__ = "payees"

    person_id: UUID = Field(unique=True)
    sealed: bytes = Field(sa_type=LargeBinary, sa_column_kwargs={"info": PERSONAL})
