"""What the evidence service must be told."""

from pydantic import SecretStr

from shared.settings import ServiceSettings


class EvidenceSettings(ServiceSettings):
    service: str = "evidence"
    evidence_database_url: SecretStr
