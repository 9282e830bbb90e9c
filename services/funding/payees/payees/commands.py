"""Changes of bank details."""

from uuid import UUID

from services.funding.payees.payees import queries, rules
from services.funding.payees.payees.rules import BankDetails
from services.funding.payees.payees.tables import Payee
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def create_payee(uow: UnitOfWork, person_id: UUID, details: BankDetails, field_key: str) -> Payee:
    """Add a person's bank details. Raises PayeeExists."""
    if await queries.has_payee(uow.session, person_id):
        raise rules.PayeeExists
    payee = Payee(person_id=person_id, sealed=b"")
    payee.sealed = rules.encrypt(details, payee.id, field_key)
    uow.save(payee)
    return payee


async def update_payee(
    uow: UnitOfWork, payee_id: UUID, person_id: UUID, details: BankDetails, match: Match, field_key: str
) -> Payee:
    """Replace a person's own bank details; the same ones again change nothing. Raises PayeeNotFound."""
    payee = await queries.get_own_payee(uow.session, payee_id, person_id)
    match.check(payee)
    if rules.are_same(payee, details, field_key):
        return payee
    payee.sealed = rules.encrypt(details, payee.id, field_key)
    return payee
