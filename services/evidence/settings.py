"""Settings of the evidence service, read from the environment."""

from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from shared.events.contracts.evidence import Urgency
from shared.settings import ServiceSettings


class EvidenceSettings(ServiceSettings):
    answers_can_be_forgotten: ClassVar[bool] = True

    service: str = "evidence"
    evidence_database_url: SecretStr
    request_timeout_seconds: float = 600.0
    """The time limit of an export or an upload of the whole library. The gateway gives every other request less."""
    library_name: str = "IMPACT evidence library"
    """The name of the library in OAI-PMH and feeds."""
    library_email: str = "library@impact.example"
    """The contact address for those who harvest it by OAI-PMH."""
    oai_namespace: str = ""
    """The domain in `oai:<domain>:<id>`; that of the public URL if empty. It must never change."""
    harvest_private_addresses: bool = False
    """Whether sources may have private or loopback addresses: only for tests and demonstrations."""
    answer_within: dict[Urgency, int] = Field(
        default={"today": 24, "this_week": 168, "this_month": 720, "no_hurry": 2160}
    )
    """Target hours from a question to its answer, by urgency. Assumed: the centre has not set them yet."""

    search_index_folder: Path | None = None
    """Where API processes keep their search indexes, each in a folder of its own, so that a start is quick. If empty,
    a process makes a temporary folder and removes it when it stops."""

    @property
    def namespace(self) -> str:
        return self.oai_namespace or urlsplit(self.public_url).hostname or "impact.example"
