"""Who takes part: three people, one of whom has every role, two approvers more, and who pays."""

from typing import Final
from uuid import UUID

from shared.callers import Role, person
from tests.support.callers import (
    APPROVER,
    CARER,
    ENGAGEMENT_OFFICER,
    FINANCE,
    FUNDING_OFFICER,
    PRACTITIONER,
    SECOND_FINANCE,
)

EVERY_ROLE = person(UUID("01900000-0000-7000-8000-0000000000a1"), Role.APPROVER, Role.FINANCE, Role.FUNDING_OFFICER)
"""Somebody who also takes part in meetings: each of their duties has to be refused where it meets another."""
SECOND_APPROVER = person(UUID("01900000-0000-7000-8000-0000000000a2"), Role.APPROVER, Role.FINANCE)
PEOPLE: Final = (CARER, PRACTITIONER, EVERY_ROLE)
APPROVERS: Final = (APPROVER, SECOND_APPROVER, EVERY_ROLE)
PAYERS: Final = (FINANCE, SECOND_FINANCE, SECOND_APPROVER, EVERY_ROLE)
OFFICERS: Final = (FUNDING_OFFICER, EVERY_ROLE)
RECORDERS: Final = (ENGAGEMENT_OFFICER, SECOND_APPROVER, EVERY_ROLE)
