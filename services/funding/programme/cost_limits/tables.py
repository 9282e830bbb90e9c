"""Rows of cost limits. The database refuses two for one kind of cost that apply on the same day."""

from datetime import date
from typing import Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.columns import varchar

CostKind = Literal[
    "involvement_payment",
    "travel",
    "replacement_care",
    "personal_assistant",
    "backfill",
    "access_cost",
    "device_or_data",
]


def _one_at_a_time(kind: str) -> ExcludeConstraint:
    """Return the constraint of one kind: one for all kinds would need an extension of PostgreSQL (btree_gist)."""
    return ExcludeConstraint(
        (func.daterange(text("effective_from"), text("effective_to"), text("'[]'")), "&&"),
        where=text(f"kind = '{kind}'"),
        using="gist",
        name=f"ex_cost_limits_one_at_a_time_{kind}",
    )


class CostLimit(Row, table=True):
    """What a cost of one kind may be at meetings from one day to another (both included), and the source.

    A cost is at most `ceiling_pence`, and of a day from `days_before` the meeting to `days_after` it. Above
    `evidence_above_pence` for one day it needs evidence.
    """

    __tablename__ = "cost_limits"

    __table_args__ = (
        CheckConstraint(
            "kind IN ('involvement_payment', 'travel', 'replacement_care', 'personal_assistant', 'backfill', "
            "'access_cost', 'device_or_data')",
            name="kind",
        ),
        CheckConstraint("evidence_above_pence BETWEEN 0 AND ceiling_pence", name="evidence_below_ceiling"),
        CheckConstraint("days_before BETWEEN 0 AND 366 AND days_after BETWEEN 0 AND 366", name="days_of_a_cost"),
        CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="days"),
        *map(_one_at_a_time, get_args(CostKind)),
    )

    kind: CostKind = Field(sa_type=varchar(30))
    ceiling_pence: int = Field(sa_type=BigInteger)
    days_before: int
    days_after: int
    evidence_above_pence: int = Field(sa_type=BigInteger)
    effective_from: date
    effective_to: date | None = None
    source: str = Field(max_length=1000)
    certainty: str = Field(max_length=200)
