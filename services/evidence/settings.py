"""What the evidence service must be told."""

from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from shared.events.contracts.evidence import Urgency
from shared.settings import ServiceSettings


class EvidenceSettings(ServiceSettings):
    responses_are_redactable: ClassVar[bool] = True

    service: str = "evidence"
    evidence_database_url: SecretStr
    request_timeout_seconds: float = 600.0
    """Of an export or an upload of the whole library. The gateway gives every other request less."""
    library_name: str = "IMPACT evidence library"
    """What the library is called where others harvest and follow it."""
    library_email: str = "library@impact.example"
    """Whom those who harvest it write to."""
    oai_namespace: str = ""
    """The domain in `oai:<domain>:<id>`: the public address's where nothing is said. It must stay for ever."""
    harvest_private_addresses: bool = False
    """Whether sources may lie in a private network or on this machine: for tests and demonstrations alone."""
    answer_within: dict[Urgency, int] = Field(
        default={"today": 24, "this_week": 168, "this_month": 720, "no_hurry": 2160}
    )
    """Hours from a question to its answer that staff aim at. Assumed from the words: nobody has set them yet."""

    search_index_folder: Path | None = None
    """Where API processes keep their search indexes, each in a place of its own, so that a start is quick. Where
    nothing is said, a process makes one for itself and removes it at its end."""

    @property
    def namespace(self) -> str:
        return self.oai_namespace or urlsplit(self.public_url).hostname or "impact.example"
