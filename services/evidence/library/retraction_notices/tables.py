"""Notices that lists of retractions hold, kept also for works that are not in the library yet."""

from sqlalchemy import Column, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from services.evidence.tables import Row

retraction_notices = Table(
    "retraction_notices",
    Row.metadata,
    Column("scheme", String(20), primary_key=True),
    Column("value", String(500), primary_key=True),
    Column("digest", String(32), primary_key=True),
    Column("retraction", JSONB, nullable=False),
)
"""One row for each identifier of a work and each notice about it (`rules.Notice`)."""
