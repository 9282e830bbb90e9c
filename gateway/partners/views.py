"""Bodies and responses about API clients and their keys."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from gateway.partners.rules import MAX_OVERLAP_HOURS
from gateway.partners.tables import ApiClient, ApiKey
from shared.views import Body, View


class ApiKeyView(View):
    id: UUID
    hint: str = Field(description="The beginning of the key.", examples=["impact_live_Yk3q"])
    created_at: datetime
    expires_at: datetime | None = Field(description="When the key stops working; null if it does not expire.")
    revoked_at: datetime | None


class ApiClientView(View):
    id: UUID
    name: str
    mode: Literal["live", "test"]
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None
    keys: list[ApiKeyView] = Field(default_factory=list[ApiKeyView])

    @classmethod
    def of(cls, client: ApiClient, keys: list[ApiKey]) -> Self:
        """Return the view of a client and its keys."""
        return cls.model_validate(_fields(client, keys))


class ApiClientWithKeyView(ApiClientView):
    key: str | None = Field(description="The new key, shown only in this response; null when the request is repeated.")

    @classmethod
    def with_key(cls, client: ApiClient, keys: list[ApiKey], key: str) -> Self:
        """Return the view of a client with the key that was just created."""
        return cls.model_validate({**_fields(client, keys), "key": key})


def _fields(client: ApiClient, keys: list[ApiKey]) -> dict[str, Any]:
    return {**client.model_dump(), "keys": [ApiKeyView.model_validate(key) for key in keys]}


class NewApiClient(Body):
    name: Annotated[str, Field(min_length=1, max_length=100, examples=["Our case recording system"])]
    mode: Literal["live", "test"] = Field(default="test", description="A test key can only read.")
    scopes: Annotated[list[str], Field(min_length=1, max_length=20, examples=[["evidence:read"]])]


class KeyRotation(Body):
    overlap_hours: Annotated[
        int, Field(ge=0, le=MAX_OVERLAP_HOURS, description="How many hours the existing keys go on working.")
    ] = 24
