"""Responses about sessions."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from gateway.identity.tables import Session
from shared.views import View


class SessionView(View):
    id: UUID
    current: bool = Field(description="Whether this request belongs to the session.")
    browser: str | None = Field(examples=["Firefox"], description="Null for a program, or one that is not known.")
    system: str | None = Field(examples=["Android"])
    created_at: datetime = Field(description="When the person signed in.")
    last_used_at: datetime = Field(description="To the nearest five minutes.")
    expires_at: datetime

    @classmethod
    def of(cls, session: Session, current_id: UUID | None) -> Self:
        """Return the view of a session; `current_id` is that of the request."""
        return cls.model_validate({**session.model_dump(), "current": session.id == current_id})
