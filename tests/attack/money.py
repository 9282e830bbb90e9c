"""An attacker on money: it reads every month what everyone may, knows who was paid where, and what one of them got."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from shared import disclosure
from shared.disclosure import PersonPayment
from tests.attack.programs import OPTIMIZE

MONTHS = [date(2027, 1 + month, 3) for month in range(10)]
"""The days on which the month before is closed."""
ROUNDING_PENCE = 1_000
CLOSE = 0.1
PAID_PENCE = ((8_250, 8_250), (2_750, 16_500), (2_750, 16_500), (500, 300_000))

Total = Mapping[UUID | None, int]
"""What is shown of each assembly, and of all of the scheme (None)."""


@dataclass
class Estimates:
    """Payments of a person that were estimated within 10 per cent, and what of the money was shown."""

    close: list[str] = field(default_factory=list[str])
    estimated: int = 0
    paid_pence: int = 0
    shown_pence: int = 0


def attack_many(number: int, chance: random.Random) -> Estimates:
    """Attack so many schemes, each with ten months of payments."""
    estimates = Estimates()
    for _ in range(number):
        disclosure.set_threshold(chance.choice((3, 5, 10, 10)))
        attack(random_payments(chance), estimates, chance)
    return estimates


def random_payments(chance: random.Random) -> list[PersonPayment]:
    """Return payments for one to six assemblies of 1 to 60 people, paid over months, some of them voided later."""
    payments: list[PersonPayment] = []
    people = [UUID(int=number) for number in range(1, 80)]
    for assembly in range(chance.randint(1, 6)):
        assembly_id, first = UUID(int=1_000 + assembly), chance.randrange(8)
        lowest, highest = chance.choice(PAID_PENCE)
        size = chance.choice((1, 4, 9, 12, 12, 25, 60))
        for person_id in chance.sample(people, chance.randint(1, size)):
            month = min(first + chance.choice((0, 0, 0, 1, 2, 5)), 8)
            pence = chance.randint(lowest, highest) * (100 if chance.random() < 0.01 else 1)
            payments.append(PersonPayment(assembly_id, person_id, MONTHS[month], pence))
            if chance.random() < 0.05:
                payments.append(PersonPayment(assembly_id, person_id, MONTHS[month + 1], -pence))
    return payments


def public_totals(payments: Sequence[PersonPayment], today: date) -> Total:
    """Return what everyone reads on that day."""
    totals: dict[UUID | None, int] = defaultdict(int)
    for batch in disclosure.release(payments, today):
        totals[None] += batch.pence
        if batch.assembly_id is not None:
            totals[batch.assembly_id] += batch.pence
    return totals


def attack(payments: Sequence[PersonPayment], estimates: Estimates, chance: random.Random) -> None:
    """Bound what each of some people was paid in all, as one of the others who knows her own payments could."""
    seen = [(day, public_totals(payments, day)) for day in MONTHS]
    sums = _sums(payments, seen)
    for members, pence in sums:
        people = {payments[index].person_id for index in members}
        if len(people) < disclosure.threshold():
            estimates.close.append(f"{pence} are of {len(people)} people")
    estimates.paid_pence += sum(payment.pence for payment in payments)
    estimates.shown_pence += seen[-1][1][None]
    totals = {
        person_id: sum(abs(payment.pence) for payment in payments if payment.person_id == person_id)
        for person_id in {payment.person_id for payment in payments}
    }
    by_amount = sorted(totals, key=lambda person_id: totals[person_id], reverse=True)
    for target in {*by_amount[:2], chance.choice(by_amount)}:
        for insider in [None, *(person_id for person_id in by_amount[:2] if person_id != target)]:
            _estimate(payments, sums, target, insider, estimates)


def _sums(payments: Sequence[PersonPayment], seen: Sequence[tuple[date, Total]]) -> list[tuple[list[int], int]]:
    """Return sums with the payments in them: by the document, what waited is in the total that changes next."""
    sums: list[tuple[list[int], int]] = []
    waiting: dict[UUID, list[int]] = defaultdict(list)
    since: dict[UUID, int] = {}
    rest: list[int] = []
    before: Total = defaultdict(int)
    for month in range(1, len(seen)):
        after = seen[month][1]
        for index, payment in enumerate(payments):
            if payment.month == MONTHS[month - 1]:
                waiting[payment.assembly_id].append(index)
                since.setdefault(payment.assembly_id, month)
        change_of_all = after.get(None, 0) - before.get(None, 0)
        for assembly_id in list(since):
            if change := after.get(assembly_id, 0) - before.get(assembly_id, 0):
                sums.append((waiting.pop(assembly_id), change))
                change_of_all -= change
                del since[assembly_id]
            elif month - since[assembly_id] >= 3:
                rest += waiting.pop(assembly_id)
                del since[assembly_id]
        if change_of_all:
            sums.append((rest, change_of_all))
            rest = []
        before = after
    return sums


def _estimate(
    payments: Sequence[PersonPayment],
    sums: Sequence[tuple[list[int], int]],
    target: UUID,
    insider: UUID | None,
    estimates: Estimates,
) -> None:
    """Note where the most that the target can have got, in one sum or in all, is within 10 per cent of the truth.

    The least does not matter: who reads the most, and knows the rule, would guess it.
    """
    bounds = [
        (payment.pence, payment.pence)
        if payment.person_id == insider
        else (0, None)
        if payment.pence > 0
        else (None, 0)
        for payment in payments
    ]
    rows, highest = list[Any](), list[float]()
    for members, pence in sums:
        row = np.zeros(len(payments))
        row[members] = 1
        rows += [row, -row]
        highest += [pence + ROUNDING_PENCE - 1, -pence]
    shown = {index for members, _ in sums for index in members if payments[index].person_id == target}
    for indexes in [shown, *({index} for index in shown)]:
        truth = sum(payments[index].pence for index in indexes)
        if truth <= 0:
            continue
        goal = np.zeros(len(payments))
        goal[list(indexes)] = -1
        solution = OPTIMIZE.linprog(goal, A_ub=np.array(rows), b_ub=highest, bounds=bounds)
        most = -solution.fun if solution.status == 0 else np.inf
        estimates.estimated += 1
        if most < truth * (1 + CLOSE):
            estimates.close.append(f"{truth} is at most {most}, as {insider} knows")
