"""What the eight people share: who they are, the meetings that they know of, and the bank."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from deploy.engines.postgres import Cluster
from shared import clock
from shared.callers import Caller, Role, person
from shared.persistence.tables import new_id
from tests.faults.money.bank import SimulatedBank
from tests.faults.money.client import MoneyClient, MoneyResponse

SCHEME = "tight"
FIRST_CAP_PENCE = 250_000
MEETING_MINUTES = (45, 120, 180, 300)

ENGAGEMENT_OFFICER = person(new_id(), Role.ENGAGEMENT_OFFICER)
FUNDING_OFFICER = person(new_id(), Role.FUNDING_OFFICER)
APPROVERS = (person(new_id(), Role.APPROVER), person(new_id(), Role.APPROVER))
FINANCE = (person(new_id(), Role.FINANCE), person(new_id(), Role.FINANCE))
CARERS = tuple(person(new_id()) for _ in range(8))
CLAIMANTS = (*CARERS, APPROVERS[0])
"""An approver takes part, too: the other decides on their claims."""


class Times(NamedTuple):
    """A day, a time of it at which a meeting has not ended yet, and an earlier one at which it has."""

    held_on: date
    planned: time
    actual: time


def meeting_times(minutes: int, chance: random.Random, now: datetime) -> Times:
    """Return times at which people can register now, and after which attendance can be recorded now."""
    latest = (now - timedelta(minutes=minutes)).astimezone(clock.LONDON)
    second = chance.randint(0, latest.hour * 3600 + latest.minute * 60 + latest.second)
    return Times(latest.date(), time(23, 59, 59), time(second // 3600, second // 60 % 60, second % 60))


@dataclass
class Meeting:
    """An assembly. `held` once its time was moved into the past; `registrations` as the officer read them then."""

    path: str
    actual: time
    is_open: bool = False
    held: bool = False
    registrations: list[str] = field(default_factory=list[str])


@dataclass
class Stage:
    """What the people share. The services are asked for the rest, as by anybody."""

    client: MoneyClient
    cluster: Cluster
    bank: SimulatedBank
    chance: random.Random
    topic: str = ""
    scheme: str = ""
    meetings: list[Meeting] = field(default_factory=list[Meeting])
    accounts: dict[str, UUID] = field(default_factory=dict[str, UUID])
    """Whose each account number is or was."""
    possible_accounts: dict[UUID, set[str]] = field(default_factory=dict[UUID, set[str]])
    """The account number of each person: more than one where a change was cut."""

    def new_account(self, owner: Caller) -> dict[str, Any]:
        """Return bank details that nobody had before."""
        number = f"{10_000_000 + len(self.accounts)}"
        self.accounts[number] = owner.id
        return {"account_name": "A Carer", "sort_code": "04-00-04", "account_number": number}

    def keep_account(self, owner: Caller, number: str, response: MoneyResponse) -> None:
        """Write down what is answered to new bank details."""
        if response.accepted:
            self.possible_accounts[owner.id] = {number}
        elif not response.status:
            self.possible_accounts.setdefault(owner.id, set()).add(number)

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability


def money(pence: int) -> dict[str, Any]:
    return {"pence": pence, "currency": "GBP"}
