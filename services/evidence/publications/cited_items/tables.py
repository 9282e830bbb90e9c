"""The columns of every table whose rows cite an item and may be flagged."""

from sqlalchemy import CheckConstraint, Column, DateTime, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem


def flag_columns() -> list[SchemaItem]:
    """Return the flag columns of one table, with their constraints.

    `flagged_key` is the key of the issue that was flagged (`changed:3`); `accepted` lists the issues that an editor has
    accepted, each with its key, reason, explanation and day.
    """
    return [
        Column("flagged_reason", String(24)),
        Column("flagged_key", Text),
        Column("flagged_at", DateTime(timezone=True)),
        Column("accepted", JSONB, nullable=False, server_default=text("'[]'")),
        CheckConstraint("(flagged_reason IS NULL) = (flagged_at IS NULL)", name="flagged_at"),
        CheckConstraint("(flagged_reason IS NULL) = (flagged_key IS NULL)", name="flagged_key"),
    ]
