"""Rows of bank holidays."""

from datetime import date

from sqlmodel import Field

from services.funding.tables import Row


class BankHoliday(Row, table=True):
    """A day on which banks in England are closed, its source, and how certain it is."""

    __tablename__ = "bank_holidays"

    on: date = Field(unique=True)
    name: str = Field(max_length=100)
    source: str = Field(max_length=500)
    certainty: str = Field(max_length=200)
