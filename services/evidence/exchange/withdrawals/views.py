"""Withdrawals of imports as they are shown."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.evidence.exchange.withdrawals.queries import StayCount
from services.evidence.exchange.withdrawals.rules import StayReason
from services.evidence.exchange.withdrawals.tables import ImportWithdrawal, WithdrawalStatus
from shared.views import View


class ImportWithdrawalView(View):
    """What a withdrawal of the import would do now, and how far the one that an editor asked for has come."""

    import_id: UUID
    status: WithdrawalStatus | Literal["not_requested"]
    removes: int = Field(description="Items that the import created and that nobody has touched since.")
    takes_back: int = Field(description="Fields that it filled and that say the same today.")
    items_stay: dict[StayReason, int] = Field(description="Items that it created and that stay, by the reason.")
    fields_stay: dict[StayReason, int] = Field(
        description="Fields that it filled, or that say what an editor accepted of it, and that stay, by the reason."
    )
    removed: int = Field(description="Items that have been withdrawn so far.")
    taken_back: int = Field(description="Fields that have been emptied so far.")
    problems: list[str]

    @classmethod
    def of(
        cls, import_id: UUID, withdrawal: ImportWithdrawal | None, counts: Iterable[StayCount]
    ) -> "ImportWithdrawalView":
        """Return the view."""
        by_kind: dict[bool, dict[StayReason | None, int]] = {False: {}, True: {}}
        for count in counts:
            by_kind[count.is_field][count.reason] = count.number
        items, fields = by_kind[False], by_kind[True]
        return cls(
            import_id=import_id,
            status=withdrawal.status if withdrawal else "not_requested",
            removes=items.pop(None, 0),
            takes_back=fields.pop(None, 0),
            items_stay={reason: number for reason, number in items.items() if reason},
            fields_stay={reason: number for reason, number in fields.items() if reason},
            removed=withdrawal.removed if withdrawal else 0,
            taken_back=withdrawal.taken_back if withdrawal else 0,
            problems=[withdrawal.problem] if withdrawal and withdrawal.problem else [],
        )


class StayingView(View):
    """What a withdrawal leaves: an item that the import created, or a field that it gave another one."""

    number: int = Field(description="Of the record in the file.")
    item_id: UUID
    item_title: str
    field: str = Field(description="The field; empty for the item itself.")
    reason: StayReason
