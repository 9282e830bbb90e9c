"""Who may call the funding service, each right declared once. Endpoints and queries never check roles themselves."""

from typing import Annotated

from fastapi import Depends

from shared.callers import Anyone, Caller, Contributor, Role, allow

__all__ = [
    "Anyone",
    "Approver",
    "Contributor",
    "Finance",
    "FinanceOrFundingOfficerOrPartner",
    "FundingOfficer",
    "StaffOrPartner",
    "may_read_claim_texts",
    "may_see_all_claims",
    "may_see_all_entitlements",
    "sees_todays_money",
]

Approver = Annotated[Caller, Depends(allow(Role.APPROVER))]
Finance = Annotated[Caller, Depends(allow(Role.FINANCE))]
FinanceOrFundingOfficerOrPartner = Annotated[
    Caller, Depends(allow(Role.FINANCE, Role.FUNDING_OFFICER, scope="funding:read"))
]
FundingOfficer = Annotated[Caller, Depends(allow(Role.FUNDING_OFFICER))]
_STAFF = (Role.FUNDING_OFFICER, Role.ENGAGEMENT_OFFICER, Role.APPROVER, Role.FINANCE)
StaffOrPartner = Annotated[Caller, Depends(allow(*_STAFF, scope="funding:read"))]


def sees_todays_money(caller: Caller) -> bool:
    """Return whether the caller reads what schemes have and have paid today; everyone else, of closed months."""
    return caller.has(*_STAFF, Role.ADMINISTRATOR) or "funding:read" in caller.scopes


def may_see_all_claims(caller: Caller) -> bool:
    """Return whether the caller decides on claims or pays them, and so sees every submitted claim."""
    return caller.has(Role.APPROVER, Role.FUNDING_OFFICER, Role.FINANCE)


def may_read_claim_texts(caller: Caller) -> bool:
    """Return whether the caller reads descriptions and reasons in other people's claims. Finance sees amounts only."""
    return caller.has(Role.APPROVER, Role.FUNDING_OFFICER)


def may_see_all_entitlements(caller: Caller) -> bool:
    """Return whether the caller sees other people's entitlements."""
    return caller.has(Role.FUNDING_OFFICER)
