"""What a process must be told. No secret has a default; each may come as a file in the folder SECRETS_DIR."""

import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.disclosure import DEFAULT_THRESHOLD, LOWEST_THRESHOLD


class Settings(BaseSettings):
    """What every process is told."""

    model_config = SettingsConfigDict(extra="ignore")

    answers_can_be_forgotten: ClassVar[bool] = False
    """Whether what is kept for repeats notes which ids it names: see `idempotency.forget`."""

    public_url: str = "http://127.0.0.1:8000"
    """Where people and partners reach the gateway: problems and page links begin with it."""
    caller_public_key: str
    """Ed25519 public key (PEM) that proves who the gateway says is calling."""
    cursor_key: SecretStr
    """Signs the cursors of pages."""
    kafka_bootstrap_servers: str | None = None
    """A real Kafka; where absent, `event_log_url` is the log."""
    event_log_url: SecretStr | None = None
    """The embedded event log's own database."""
    otel_exporter_otlp_endpoint: str | None = None
    log_level: str = "INFO"
    demo: bool = False
    database_pool: int = 10

    def __init__(self, **values: Any) -> None:
        folder = os.environ.get("SECRETS_DIR")
        super().__init__(_secrets_dir=folder if folder and Path(folder).is_dir() else None, **values)


class ServiceSettings(Settings):
    """What a service is told beyond that. A service's own settings class says its name and its database."""

    service: str
    request_timeout_seconds: float = 30.0
    fewest_shown: int = Field(default=DEFAULT_THRESHOLD, ge=LOWEST_THRESHOLD)
    """The disclosure threshold (`shared.disclosure`): no figure about fewer people is shown to everybody."""

    @property
    def database(self) -> SecretStr:
        """`FUNDING_DATABASE_URL` of the funding service, and so on."""
        return getattr(self, f"{self.service}_database_url")
