"""Callers for tests: nobody, and people with and without a role of the centre's staff."""

from uuid import UUID

from shared.callers import Caller, Role, person
from shared.persistence.tables import new_id

NOBODY = Caller()
CARER = person(UUID("01900000-0000-7000-8000-000000000001"))
PRACTITIONER = person(UUID("01900000-0000-7000-8000-000000000002"))
FUNDING_OFFICER = person(UUID("01900000-0000-7000-8000-000000000003"), Role.FUNDING_OFFICER)
APPROVER = person(UUID("01900000-0000-7000-8000-000000000004"), Role.APPROVER)
FINANCE = person(UUID("01900000-0000-7000-8000-000000000005"), Role.FINANCE)
SECOND_FINANCE = person(UUID("01900000-0000-7000-8000-000000000009"), Role.FINANCE)
"""Who releases the runs that FINANCE makes."""
ENGAGEMENT_OFFICER = person(UUID("01900000-0000-7000-8000-000000000006"), Role.ENGAGEMENT_OFFICER)
ADMINISTRATOR = person(UUID("01900000-0000-7000-8000-000000000007"), Role.ADMINISTRATOR)
EDITOR = person(UUID("01900000-0000-7000-8000-000000000008"), Role.EVIDENCE_EDITOR)


def somebody() -> Caller:
    """Return a new signed-in person without a staff role."""
    return person(new_id())
