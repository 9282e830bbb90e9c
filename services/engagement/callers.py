"""Who may call the engagement service, each right declared once. Endpoints never build their own."""

from typing import Annotated

from fastapi import Depends

from shared.callers import Anyone, Caller, Contributor, Role, allow

__all__ = [
    "Anyone",
    "Contributor",
    "OfficerOrAssemblyPartner",
    "OfficerOrSurveyPartner",
    "ProjectStaffOrPartner",
    "is_officer",
    "is_project_staff",
    "is_staff",
    "manages_assemblies",
    "manages_surveys",
]

OfficerOrAssemblyPartner = Annotated[Caller, Depends(allow(Role.ENGAGEMENT_OFFICER, scope="assemblies:write"))]
OfficerOrSurveyPartner = Annotated[Caller, Depends(allow(Role.ENGAGEMENT_OFFICER, scope="surveys:write"))]
ProjectStaffOrPartner = Annotated[
    Caller, Depends(allow(Role.FACILITATOR, Role.ENGAGEMENT_OFFICER, scope="projects:write"))
]


def is_officer(caller: Caller) -> bool:
    """Return whether the caller is an engagement officer."""
    return caller.has(Role.ENGAGEMENT_OFFICER)


def is_staff(caller: Caller) -> bool:
    """Return whether the caller works for the centre, in whatever role."""
    return caller.has(*(frozenset(Role) - {Role.CONTRIBUTOR, Role.PARTNER}))


def is_project_staff(caller: Caller) -> bool:
    """Return whether the caller is a facilitator or an engagement officer."""
    return caller.has(Role.FACILITATOR, Role.ENGAGEMENT_OFFICER)


def manages_assemblies(caller: Caller) -> bool:
    """Return whether the caller may change assemblies, and so reads what the public does not."""
    return is_officer(caller) or "assemblies:write" in caller.scopes


def manages_surveys(caller: Caller) -> bool:
    """Return whether the caller may change surveys, and so reads drafts."""
    return is_officer(caller) or "surveys:write" in caller.scopes
