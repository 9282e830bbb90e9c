"""What bears on claims beside their own rows, in SQL: for lists, for the queue of staff, and for payment runs."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.funding.participation.claims.situations import OPEN_STATUSES
from services.funding.participation.claims.tables import Claim
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.payees.payees.tables import Payee
from shared.persistence.columns import select_columns

WITHDRAWN = col(Entitlement.status) != "granted"
EXCEEDED = and_(col(Claim.involvement_pence) > 0, col(Entitlement.claimed_pence) > col(Entitlement.pence))
INVALID_ENTITLEMENT = or_(col(Entitlement.in_question), WITHDRAWN, EXCEEDED)
"""As `entitlements.rules.require_payable` says it: what must not be paid now."""

_OTHER_CLAIM = aliased(Claim)
PAYMENT_UNCLEAR = exists(
    select(col(_OTHER_CLAIM.id)).where(
        col(_OTHER_CLAIM.entitlement_id) == col(Claim.entitlement_id), col(_OTHER_CLAIM.payment_unclear)
    )
)
"""It is open whether this claim was paid, or another one for its entitlement, which may ask for the same."""

DETAILS_CORRECTED = and_(
    col(Claim.status).in_(("approved", "in_payment")),
    not_(col(Claim.payment_unclear)),
    exists(
        select(col(Payee.id)).where(
            col(Payee.person_id) == col(Claim.person_id), col(Payee.version) > col(Claim.refused_payee_version)
        )
    ),
)
"""The person has changed the bank details since the bank refused them. The same ones again are no change."""

READY_TO_PAY = or_(not_(col(Claim.needs_attention)), DETAILS_CORRECTED)
"""Nobody has to look at the claim before it is paid."""


def is_overdue(today: date) -> ColumnElement[bool]:
    """Return whether a claim is open beyond its promised date."""
    return and_(col(Claim.status).in_(OPEN_STATUSES), col(Claim.promised_on) < today)


def needs_attention(today: date) -> ColumnElement[bool]:
    """Return whether a person has to do something about a claim, which is joined to its entitlement."""
    stopped = and_(col(Claim.status).in_(OPEN_STATUSES), or_(INVALID_ENTITLEMENT, PAYMENT_UNCLEAR))
    return or_(not_(READY_TO_PAY), stopped, col(Claim.file_in_doubt), is_overdue(today))


def select_situations(claim_ids: Collection[UUID], today: date) -> Select[Any]:
    """Select the ids of these claims, and the fields of their `ClaimSituation`."""
    statement = select_columns(
        col(Claim.id),
        col(Entitlement.in_question),
        WITHDRAWN,
        EXCEEDED,
        PAYMENT_UNCLEAR,
        DETAILS_CORRECTED,
        is_overdue(today),
        func.coalesce(col(Claim.paid_on) > today, false()),
        needs_attention(today),
    )
    joined = statement.join(Entitlement, col(Entitlement.id) == col(Claim.entitlement_id))
    return joined.where(col(Claim.id).in_(claim_ids))
