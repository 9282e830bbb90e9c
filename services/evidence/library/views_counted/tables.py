"""Counts by day and way of knowing. Nothing says who viewed what."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, String, Table

from services.evidence.tables import Row

view_counts = Table(
    "view_counts",
    Row.metadata,
    Column("day", Date, primary_key=True),
    Column("way_of_knowing", String(20), primary_key=True),
    Column("kind", String(6), primary_key=True),
    Column("number", BigInteger, nullable=False),
    CheckConstraint("kind IN ('shown', 'opened')", name="kind"),
)
