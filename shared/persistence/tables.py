"""What every table of a service has."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import MetaData, text
from sqlalchemy.orm import declared_attr, registry
from sqlmodel import Field, SQLModel

from shared import clock
from shared.persistence.columns import TIMESTAMP
from shared.persistence.platform_tables import NAMING_CONVENTION

NEVER_UPDATED = -1
"""The `last_sequence` of a new replica of another service's row, to which no event was applied yet."""
PERSONAL: dict[str, Any] = {"personal": True}
"""`Field(sa_column_kwargs={"info": PERSONAL})`: the audit trail says that the value changed, never what it is."""


def new_id() -> UUID:
    """A UUIDv7: unique, and in the order of creation."""
    return uuid_utils.compat.uuid7()


class Row(SQLModel):
    """One row of a service's table. `version` starts at 1 and counts every change: it is the ETag and the lock."""

    __audited__: ClassVar[bool] = True
    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]  SQLModel declares a declared_attr

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    version: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    created_at: datetime = Field(
        default_factory=clock.now,
        sa_type=TIMESTAMP,
        sa_column_kwargs={"server_default": text("now()")},
    )
    updated_at: datetime = Field(
        default_factory=clock.now,
        sa_type=TIMESTAMP,
        sa_column_kwargs={"server_default": text("now()"), "onupdate": clock.now},
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__dict__["__table__"].c.version}


def tables_of(service: str) -> type[Row]:
    """The base of one service's tables, with metadata of its own."""
    tables = registry(metadata=MetaData(naming_convention=NAMING_CONVENTION, info={"service": service}))

    class ServiceRow(Row, registry=tables):
        __abstract__ = True

    return ServiceRow
