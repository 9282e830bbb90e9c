"""How a person's attendances become entitlements, in plain arithmetic. Amounts are pence."""

from typing import NamedTuple
from uuid import UUID

from tests.funding.lifecycle.model import ModelEntitlement, Terms


def rate(minutes: int) -> int:
    """£27.50 for each started hour, £82.50 for half a day, £165.00 for more."""
    return 165_00 if minutes > 240 else min(-(-minutes // 60) * 27_50, 82_50)


class Before(NamedTuple):
    grant: Terms
    record: Terms


class ModelPerson:
    """All of a person's attendances: those that overlap are paid as one meeting, in the order of their granting."""

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.entitlements: list[ModelEntitlement] = []
        self.details, self.account = 0, -1

    def snapshot(self) -> dict[ModelEntitlement, Before]:
        return {of: Before(of.grant, of.record) for of in self.entitlements if of.id}

    def share(self, of: ModelEntitlement) -> int:
        """What is due for an attendance beside the person's others that overlap with it and were granted before."""
        others = [other for other in self.entitlements if other is not of and other.granted is not None]
        span, together = of.minutes(of.recorded or 0), of.minutes(of.recorded or 0)
        paid_there, waiting = 0, others
        while joined := [other for other in waiting if span & other.minutes(other.granted or 0)]:
            waiting = [other for other in waiting if other not in joined]
            for other in joined:
                span |= other.minutes(other.granted or 0)
                if other.rank < of.rank:
                    together |= other.minutes(other.granted or 0)
                    paid_there += other.pence
        return max(0, rate(len(together)) - paid_there)

    def reconcile(self, before: dict[ModelEntitlement, Before]) -> None:
        for of in sorted(self.entitlements, key=lambda entitlement: entitlement.rank):
            if of.recorded is not None:
                of.due = self.share(of)
            if of.grant == of.record:
                of.in_question = False
            elif of not in before or before[of].grant is None:
                self.take(of)
            elif of.record != before[of].record or of.in_question:
                if of.drawn:
                    of.in_question = True
                else:
                    self.take(of)

    @staticmethod
    def take(of: ModelEntitlement) -> None:
        of.granted, of.in_question = of.recorded, False
        if of.recorded is not None:
            of.pence = of.due

    def record(self, of: ModelEntitlement, minutes: int | None, rank: int) -> None:
        """Record an attendance, or a correction of it."""
        before = self.snapshot()
        if of not in self.entitlements:
            self.entitlements.append(of)
            of.granted = minutes
        elif minutes != of.recorded and (not of.drawn or of.granted is None) and minutes is not None:
            of.rank = rank if of.granted is None else of.rank
            of.granted = minutes
        elif minutes != of.recorded and not of.drawn:
            of.granted = None
        of.recorded = minutes
        self.reconcile(before)

    def resolve(self, of: ModelEntitlement, rank: int, *, corrected: bool) -> None:
        before = self.snapshot()
        of.in_question = False
        if corrected:
            of.rank = rank if of.granted is None else of.rank
            self.take(of)
        self.reconcile(before)

    def follow(self, of: ModelEntitlement) -> None:
        """Follow the attendance once nothing is claimed of an entitlement in question."""
        if of.in_question and not of.drawn:
            before = self.snapshot()
            of.granted = of.recorded
            self.reconcile(before)
