"""The settings of the engagement service."""

from pydantic import SecretStr

from shared.settings import ServiceSettings


class EngagementSettings(ServiceSettings):
    service: str = "engagement"
    engagement_database_url: SecretStr
    field_key: SecretStr
    """Base64 of 32 bytes: encrypts access needs, and keys the hashes of invitations and of people who answered."""
