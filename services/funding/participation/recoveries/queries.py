"""Queries of recoveries."""

from uuid import UUID

from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.participation.recoveries.tables import Recovery


def select_recoveries(entitlement_id: UUID) -> SelectOfScalar[Recovery]:
    """Select what was recovered or written off of an entitlement's overpayment."""
    return select_model(Recovery).where(col(Recovery.entitlement_id) == entitlement_id)
