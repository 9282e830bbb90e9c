"""The stakeholder groups, and which of them a signed-in person may speak for."""

from collections.abc import Collection
from enum import StrEnum

from services.engagement.callers import is_staff
from shared.callers import Caller


class StakeholderGroup(StrEnum):
    """The groups of the sector. Each weighs the same in the priorities of topics."""

    PEOPLE_WHO_DRAW_ON_CARE = "people_who_draw_on_care_and_support"
    UNPAID_CARERS = "unpaid_carers"
    FRONTLINE_PRACTITIONERS = "frontline_practitioners"
    MANAGERS_AND_PROVIDERS = "managers_and_providers"
    COMMISSIONERS = "commissioners"
    RESEARCHERS = "researchers"
    POLICY_MAKERS = "policy_makers"
    OTHERS = "others"


def own_groups(caller: Caller) -> Collection[StakeholderGroup]:
    """Return the groups that a signed-in person may say they belong to.

    Nothing is known of a contributor, who says it themselves. The centre's staff run the surveys, so they do not choose
    whom they speak for: they are `others`.
    """
    return (StakeholderGroup.OTHERS,) if is_staff(caller) else tuple(StakeholderGroup)
