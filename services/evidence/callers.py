"""Who may call the evidence service, each right declared once. Endpoints never build their own."""

from typing import Annotated

from fastapi import Depends

from shared.callers import Anyone, Caller, Contributor, Role, allow

__all__ = [
    "Anyone",
    "Contributor",
    "ContributorOrPartner",
    "ContributorOrReadingPartner",
    "Editor",
    "EditorOrFacilitator",
    "EditorOrPartner",
]

Editor = Annotated[Caller, Depends(allow(Role.EVIDENCE_EDITOR))]
EditorOrFacilitator = Annotated[Caller, Depends(allow(Role.EVIDENCE_EDITOR, Role.FACILITATOR))]
EditorOrPartner = Annotated[Caller, Depends(allow(Role.EVIDENCE_EDITOR, scope="evidence:write"))]
ContributorOrPartner = Annotated[Caller, Depends(allow(Role.CONTRIBUTOR, scope="evidence:write"))]
ContributorOrReadingPartner = Annotated[Caller, Depends(allow(Role.CONTRIBUTOR, scope="evidence:read"))]
