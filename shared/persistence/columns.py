"""Column types and helpers that SQLModel's annotations do not know, and conditions on many values."""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, DateTime, Select, String, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine


def _as_class(instance: TypeEngine[Any]) -> type[Any]:
    """SQLModel takes an instance for `sa_type`, and is annotated to want a class."""
    return cast("type[Any]", instance)


TIMESTAMP = _as_class(DateTime(timezone=True))
"""`Field(sa_type=TIMESTAMP)`: a moment, in UTC."""
NULLABLE_JSON = _as_class(JSONB(none_as_null=True))
"""JSON whose None is NULL, not the JSON value null."""


def varchar(length: int) -> type[Any]:
    """Return the type of a text of at most `length` characters: also of a Literal, which SQLModel does not know."""
    return _as_class(String(length))


def array_of(kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> type[Any]:
    """Return the type of an array of PostgreSQL."""
    return _as_class(ARRAY(kind))


def in_array(column: Any, values: Collection[Any], kind: Any = Uuid) -> ColumnElement[bool]:
    """Return `column = ANY(values)`, one parameter however many values. `IN` takes 32,767, each a parameter anew."""
    return column == any_(bindparam(None, list(values), type_=ARRAY(kind)))


def select_columns(*columns: Any) -> Select[Any]:
    """Return the SELECT of any number of columns, with one type: SQLAlchemy's own has a parameter for each."""
    return cast("Select[Any]", select(*columns))
