"""Settings of the funding service."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field, SecretStr, field_validator, model_validator

from shared.encryption import derived_key
from shared.settings import ServiceSettings

DEMO_PAYER = {"payer_name": "IMPACT demonstration", "payer_sort_code": "040004", "payer_account_number": "12345678"}
"""The fictitious account of the bank's sample files. Used in demonstrations only, where no file reaches a bank."""


class FundingSettings(ServiceSettings):
    """The settings of every service, plus the database, the encryption key of fields, and the account that pays."""

    service: str = "funding"
    funding_database_url: SecretStr
    field_key: SecretStr
    """Base64 of 32 bytes. Encrypts bank details and payment files at rest (AES-256-GCM)."""
    payer_name: str | None = None
    payer_sort_code: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    payer_account_number: str | None = Field(default=None, pattern=r"^[0-9]{8}$")

    @field_validator("field_key")
    @classmethod
    def _check_key(cls, key: SecretStr) -> SecretStr:
        derived_key(key.get_secret_value(), "validation")
        return key

    @model_validator(mode="after")
    def _use_demo_payer(self) -> "FundingSettings":
        if self.demo and self.payer_account_number is None:
            for name, value in DEMO_PAYER.items():
                setattr(self, name, value)
        return self


def field_key_of(request: Request) -> str:
    """Return the key that encrypts fields, as a dependency."""
    settings: FundingSettings = request.app.state.settings
    return settings.field_key.get_secret_value()


FieldKey = Annotated[str, Depends(field_key_of)]
"""The key that encrypts fields, for endpoints that read or write encrypted ones."""
