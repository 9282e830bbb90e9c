"""Who may call the engagement service, each right declared once. Endpoints never build their own."""

from typing import Annotated

from fastapi import Depends

from shared.callers import Anyone, Caller, Contributor, Role, allow

__all__ = ["Anyone", "Contributor", "OfficerOrAssemblyPartner", "OfficerOrSurveyPartner", "ProjectStaffOrPartner"]

OfficerOrAssemblyPartner = Annotated[Caller, Depends(allow(Role.ENGAGEMENT_OFFICER, scope="assemblies:write"))]
OfficerOrSurveyPartner = Annotated[Caller, Depends(allow(Role.ENGAGEMENT_OFFICER, scope="surveys:write"))]
ProjectStaffOrPartner = Annotated[
    Caller, Depends(allow(Role.FACILITATOR, Role.ENGAGEMENT_OFFICER, scope="projects:write"))
]
