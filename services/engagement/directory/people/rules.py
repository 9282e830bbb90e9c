"""The stakeholder groups."""

from enum import StrEnum


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
