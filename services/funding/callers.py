"""Who may call the funding service, each right declared once. Endpoints never build their own."""

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
]

Approver = Annotated[Caller, Depends(allow(Role.APPROVER))]
Finance = Annotated[Caller, Depends(allow(Role.FINANCE))]
FinanceOrFundingOfficerOrPartner = Annotated[
    Caller, Depends(allow(Role.FINANCE, Role.FUNDING_OFFICER, scope="funding:read"))
]
FundingOfficer = Annotated[Caller, Depends(allow(Role.FUNDING_OFFICER))]
StaffOrPartner = Annotated[
    Caller,
    Depends(allow(Role.FUNDING_OFFICER, Role.ENGAGEMENT_OFFICER, Role.APPROVER, Role.FINANCE, scope="funding:read")),
]
