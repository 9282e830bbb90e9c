"""What a cost may be, and when a limit may end. Amounts are pence."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol, TypeAlias

from services.funding.ledger.ledger.rules import pounds
from services.funding.programme.cost_limits.tables import CostKind, CostLimit
from shared.problems import Conflict, FieldError, Invalid

LEAVE_OUT = "leave this cost out, submit the rest now, and ask the centre about it."


class LimitsOverlap(Conflict):
    title = "Another limit for this kind of cost applies on some of these days"
    detail = "End the other limit first (PATCH its effective_to), or choose other days."


class LimitInForce(Conflict):
    title = "Past days keep their limits"
    detail = "A limit can be ended today or later, since it applied until now."


class LimitEndsTooEarly(Invalid):
    pointer = "/effective_to"
    title = "This limit would end before it begins"
    detail = "Its last day is its `effective_from` or later. Give such a day."


class CostOutsideLimits(Invalid):
    title = "Some costs are outside what can be claimed"
    detail = (
        "Nothing was changed. `errors` names each cost, its limit, and what you can do. The limits, and their sources, "
        "are in /v1/cost-limits."
    )


KindAndDay: TypeAlias = tuple[str, date]


class Cost(Protocol):
    """A cost line of a claim."""

    @property
    def kind(self) -> CostKind: ...
    @property
    def pence(self) -> int: ...
    @property
    def spent_on(self) -> date: ...


def require_within_limits(
    costs: Sequence[Cost], limits: Mapping[CostKind, CostLimit], held_on: date, claimed: Mapping[KindAndDay, int]
) -> None:
    """Check the costs of a claim against the limits of the meeting's day. Raises CostOutsideLimits.

    The sum above which evidence is needed is that of a kind and day, so that a cost in two lines needs it too, and one
    in two claims: `claimed` is what the person's other claims for the meeting ask for.
    """
    errors: list[FieldError] = []
    sums = dict(claimed)
    for index, cost in enumerate(costs):
        key = (cost.kind, cost.spent_on)
        sums[key] = sums.get(key, 0) + cost.pence
        refusals = _refusals(cost, sums[key], limits.get(cost.kind), held_on)
        errors += [FieldError(pointer=f"/lines/{index}/{field}", detail=detail) for field, detail in refusals]
    if errors:
        raise CostOutsideLimits(errors=errors)


def _refusals(cost: Cost, sum_pence: int, limit: CostLimit | None, held_on: date) -> Iterator[tuple[str, str]]:
    """Yield the field and the reason of each refusal of a cost; `sum_pence` is that of its kind and day so far."""
    if limit is None:
        yield (
            "kind",
            f"There is no limit yet for costs of this kind at meetings on {_format_date(held_on)}: {LEAVE_OUT}",
        )
        return
    earliest, latest = held_on - timedelta(days=limit.days_before), held_on + timedelta(days=limit.days_after)
    if not earliest <= cost.spent_on <= latest:
        days = f"from {_format_date(earliest)} to {_format_date(latest)}" if earliest < latest else "for that day only"
        yield (
            "on",
            f"The meeting was on {_format_date(held_on)}, and costs of this kind are paid {days}. "
            f"Correct the day. If it is right: {LEAVE_OUT}",
        )
    if cost.pence > limit.ceiling_pence:
        yield "amount", f"A cost of this kind is paid up to {pounds(limit.ceiling_pence)}: {LEAVE_OUT}"
    elif sum_pence > limit.evidence_above_pence:
        yield (
            "amount",
            f"Above {pounds(limit.evidence_above_pence)} for one day, costs of this kind need evidence, such as a "
            f"receipt, and it cannot be handed in here yet. Keep it, and leave this cost out: submit the rest now, and "
            "this cost in another claim for the same meeting once evidence can be handed in. To put it into several "
            "lines does not help. If you cannot wait, ask the centre whether it pays such a cost directly.",
        )


def set_last_day(limit: CostLimit, effective_to: date | None, *, today: date) -> None:
    """Set the last day of a limit.

    Raises LimitInForce where the old or the new last day has passed, LimitEndsTooEarly.
    """
    last_days = [day for day in (limit.effective_to, effective_to) if day is not None]
    if min(last_days, default=today) < today:
        raise LimitInForce
    if effective_to is not None and effective_to < limit.effective_from:
        raise LimitEndsTooEarly
    limit.effective_to = effective_to


def _format_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
