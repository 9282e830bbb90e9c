"""Recording of recoveries."""

from typing import NamedTuple
from uuid import UUID

from services.funding.participation.entitlements.queries import lock_entitlement_with_others
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.recoveries import rules
from services.funding.participation.recoveries.tables import Recovery
from services.funding.participation.recoveries.views import NewRecovery
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


class RecoveryWithEntitlement(NamedTuple):
    """A recovery, and the entitlement whose overpayment it closed."""

    recovery: Recovery
    entitlement: Entitlement


async def create_recovery(
    uow: UnitOfWork, entitlement_id: UUID, new: NewRecovery, officer: Caller, match: Match
) -> RecoveryWithEntitlement:
    """Close an overpayment, or a part of it. `match` is of the entitlement.

    Raises EntitlementNotFound, OwnEntitlement, NotOverpaid, PreconditionRequired, PreconditionFailed.
    """
    entitlement = (await lock_entitlement_with_others(uow.session, entitlement_id)).entitlement
    match.check(entitlement)
    recovery = rules.close(entitlement, new.outcome, new.amount.pence, new.reason, officer)
    uow.save(recovery)
    return RecoveryWithEntitlement(recovery, entitlement)
