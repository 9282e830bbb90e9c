"""How accounts and transactions of the ledger are shown."""

from datetime import date, datetime
from uuid import UUID

from services.funding.ledger.ledger.rules import AccountTotals, RecordedTransaction
from services.funding.ledger.ledger.tables import AccountKind, TransactionKind
from shared.views import Money, View


class LedgerView(View):
    """Addresses of the ledger's resources."""

    accounts: str = "/v1/ledger/accounts"
    transactions: str = "/v1/ledger/transactions"
    proof: str = "/v1/ledger/proof"


class AccountView(View):
    """An account with its total debits and credits."""

    id: UUID
    code: str
    name: str
    kind: AccountKind
    debit: Money
    credit: Money

    @classmethod
    def of(cls, account: AccountTotals) -> "AccountView":
        return cls(
            id=account.id,
            code=account.code,
            name=account.name,
            kind=account.kind,
            debit=Money(pence=account.debit_pence),
            credit=Money(pence=account.credit_pence),
        )


class EntryView(View):
    """A debit or a credit of one account, which is named by its code."""

    account: str
    debit: Money
    credit: Money


class TransactionView(View):
    """A transaction and its entries, which balance."""

    id: UUID
    kind: TransactionKind
    occurred_on: date
    posted_at: datetime
    scheme_id: UUID | None
    assembly_id: UUID | None
    claim_id: UUID | None
    entries: list[EntryView]

    @classmethod
    def of(cls, recorded: RecordedTransaction) -> "TransactionView":
        transaction = recorded.transaction
        return cls(
            id=transaction.id,
            kind=transaction.kind,
            occurred_on=transaction.occurred_on,
            posted_at=transaction.created_at,
            scheme_id=transaction.scheme_id,
            assembly_id=transaction.assembly_id,
            claim_id=transaction.claim_id,
            entries=[
                EntryView(
                    account=entry.account, debit=Money(pence=entry.debit_pence), credit=Money(pence=entry.credit_pence)
                )
                for entry in recorded.entries
            ],
        )
