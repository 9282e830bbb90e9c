"""Rows of rate cards. The database refuses two that apply on the same day."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from services.funding.tables import Row


class RateCard(Row, table=True):
    """Involvement rates from one day to another (both included; open-ended without the last), and their source."""

    __tablename__ = "rate_cards"

    __table_args__ = (
        CheckConstraint("hour_pence >= 0 AND half_day_pence >= 0 AND day_pence >= 0", name="not_negative"),
        CheckConstraint("hour_pence <= half_day_pence AND half_day_pence <= day_pence", name="longer_is_not_less"),
        CheckConstraint("half_day_minutes BETWEEN 60 AND 720", name="half_day"),
        CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="days"),
        ExcludeConstraint(
            (func.daterange(text("effective_from"), text("effective_to"), text("'[]'")), "&&"),
            using="gist",
            name="ex_rate_cards_one_at_a_time",
        ),
    )

    name: str = Field(max_length=200)
    hour_pence: int = Field(sa_type=BigInteger)
    half_day_pence: int = Field(sa_type=BigInteger)
    day_pence: int = Field(sa_type=BigInteger)
    half_day_minutes: int = 240
    effective_from: date
    effective_to: date | None = None
    source: str = Field(max_length=1000)
    certainty: str = Field(max_length=200)
