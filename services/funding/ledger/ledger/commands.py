"""Changes of the ledger. They are steps of other slices' commands, and commit with what they record."""

from services.funding.ledger.ledger import queries
from services.funding.ledger.ledger.rules import Posting, SchemeAccounts
from services.funding.ledger.ledger.tables import LedgerAccount, LedgerEntry, LedgerTransaction
from shared import clock
from shared.persistence.unit_of_work import UnitOfWork


async def post(uow: UnitOfWork, *postings: Posting) -> None:
    """Write the postings to the ledger. Raises LookupError for an account that was never opened."""
    if not postings:
        return
    ids = await queries.list_account_ids(
        uow.session, {entry.account for posting in postings for entry in posting.entries}
    )
    transactions = [
        LedgerTransaction(
            kind=posting.kind,
            occurred_on=posting.occurred_on or clock.today(),
            scheme_id=posting.scheme_id,
            assembly_id=posting.assembly_id,
            claim_id=posting.claim_id,
            approval=posting.approval,
            attempt=posting.attempt,
        )
        for posting in postings
    ]
    for transaction in transactions:
        uow.save(transaction)
    # Entries refer to their transaction by id alone, so the session does not know that it comes first.
    await uow.session.flush()
    for transaction, posting in zip(transactions, postings, strict=True):
        for account, debit, credit in posting.entries:
            uow.save(
                LedgerEntry(
                    transaction_id=transaction.id, account_id=ids[account], debit_pence=debit, credit_pence=credit
                )
            )


def open_accounts(uow: UnitOfWork, scheme: SchemeAccounts, name: str) -> None:
    """Open the accounts of a new scheme, so that `post` finds them."""
    for account in scheme.new_accounts(name):
        uow.save(LedgerAccount(code=account.code, name=account.name, kind=account.kind))
