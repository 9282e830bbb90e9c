"""Who may call the evidence service, each right declared once. Endpoints never build their own."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from shared.callers import Anyone, Caller, Contributor, Role, allow, person

__all__ = [
    "Anyone",
    "Contributor",
    "ContributorOrPartner",
    "ContributorOrReadingPartner",
    "Editor",
    "EditorOrFacilitator",
    "EditorOrPartner",
    "editor",
    "is_administrator",
    "is_editor",
    "is_editor_or_partner",
]

Editor = Annotated[Caller, Depends(allow(Role.EVIDENCE_EDITOR))]
EditorOrFacilitator = Annotated[Caller, Depends(allow(Role.EVIDENCE_EDITOR, Role.FACILITATOR))]
EditorOrPartner = Annotated[Caller, Depends(allow(Role.EVIDENCE_EDITOR, scope="evidence:write"))]
ContributorOrPartner = Annotated[Caller, Depends(allow(Role.CONTRIBUTOR, scope="evidence:write"))]
ContributorOrReadingPartner = Annotated[Caller, Depends(allow(Role.CONTRIBUTOR, scope="evidence:read"))]


def editor(id: UUID) -> Caller:
    """Return the editor with this id, who confirmed as one of `Editor` what the worker does in their name."""
    return person(id, Role.EVIDENCE_EDITOR)


def is_editor(caller: Caller) -> bool:
    """Return whether the caller is one of `Editor`, who sees and changes what others may not."""
    return caller.kind == "person" and caller.has(Role.EVIDENCE_EDITOR)


def is_administrator(caller: Caller) -> bool:
    """Return whether the caller may free what somebody else holds, where they may call the endpoint at all."""
    return caller.has(Role.ADMINISTRATOR)


def is_editor_or_partner(caller: Caller) -> bool:
    """Return whether the caller is one of `EditorOrPartner`, for endpoints that show them more than others."""
    return is_editor(caller) or (caller.kind == "client" and "evidence:write" in caller.scopes)
