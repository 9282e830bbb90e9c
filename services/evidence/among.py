"""Asking for many rows at once."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam


def among(column: Any, values: Collection[Any], kind: Any = Uuid) -> ColumnElement[bool]:
    """One parameter, however many they are: of a list there can be 32,767, made into text anew each time."""
    return column == any_(bindparam(None, list(values), type_=ARRAY(kind)))
