"""Column types and helpers that SQLModel's annotations do not know, and conditions on many values."""

from collections.abc import Collection
from typing import Any, TypeAlias, cast

from sqlalchemy import ColumnElement, DateTime, Select, String, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

SqlColumn: TypeAlias = ColumnElement[Any] | Mapped[Any]
"""A column of a table, or an expression that is selected like one."""
SqlType: TypeAlias = TypeEngine[Any] | type[TypeEngine[Any]]


def _as_class(instance: TypeEngine[Any]) -> type[TypeEngine[Any]]:
    """Cast an instance: SQLModel takes one for `sa_type`, and its annotation asks for a class."""
    return cast("type[TypeEngine[Any]]", instance)


TIMESTAMP = _as_class(DateTime(timezone=True))
"""`Field(sa_type=TIMESTAMP)`: a moment, in UTC."""
NULLABLE_JSON = _as_class(JSONB(none_as_null=True))
"""JSON whose None is NULL, not the JSON value null."""


def varchar(length: int) -> type[TypeEngine[Any]]:
    """Return the type of a text of at most `length` characters: also of a Literal, which SQLModel does not know."""
    return _as_class(String(length))


def array_of(kind: SqlType) -> type[TypeEngine[Any]]:
    """Return the type of an array of PostgreSQL."""
    return _as_class(ARRAY(kind))


def in_array(column: SqlColumn, values: Collection[object], kind: SqlType = Uuid) -> ColumnElement[bool]:
    """Return `column = ANY(values)`: one parameter for any number of values, where IN has one each, at most 32,767."""
    return column == any_(bindparam(None, list(values), type_=ARRAY(kind)))


def select_columns(*columns: SqlColumn | type[SQLModel]) -> Select[Any]:
    """Return the SELECT of any number of columns and whole rows, with one type: SQLAlchemy has a parameter for each."""
    return cast("Select[Any]", select(*columns))
