"""Settings of a process, from its environment. Secrets have no default, and may be files in the folder SECRETS_DIR."""

import os
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.disclosure import DEFAULT_THRESHOLD, LOWEST_THRESHOLD
from shared.tracing import DEFAULT_TRACES_PER_SECOND


class EnvironmentSettings(BaseSettings):
    """Settings from the environment, or from the files in SECRETS_DIR where that is set."""

    model_config = SettingsConfigDict(extra="ignore")

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  any field of a subclass
        folder = os.environ.get("SECRETS_DIR")
        super().__init__(_secrets_dir=folder if folder and Path(folder).is_dir() else None, **values)

    @classmethod
    def from_environment(cls) -> Self:
        """Read the settings. Raises ValidationError where one is missing."""
        return cls()


class Settings(EnvironmentSettings):
    """The settings of every process."""

    responses_are_redactable: ClassVar[bool] = False
    """Whether stored responses are indexed by the ids that they name: see `idempotency.redact_responses`."""
    serves_clients: ClassVar[bool] = False
    """Whether requests come from clients, whose traces are recorded up to the limit whatever they ask for."""

    public_url: str = "http://127.0.0.1:8000"
    """The URL at which people and partners reach the gateway: those of problems and next pages begin with it."""
    caller_public_key: str
    """The gateway's Ed25519 public key (PEM), which verifies the signed caller of a request. While the key is replaced
    two of them, one after the other (deploy/README.md)."""
    cursor_key: SecretStr
    """Signs the cursors of pages, encrypts stored responses together with the caller's key, and keys what is remembered
    of erased words: with another key they are no longer recognised."""
    kafka_bootstrap_servers: str | None = None
    """`host:port`, comma separated. Where it is absent, `event_log_url` is the event log."""
    event_log_url: SecretStr | None = None
    """The database of the embedded event log."""
    otel_exporter_otlp_endpoint: str | None = None
    traces_per_second: int = Field(default=DEFAULT_TRACES_PER_SECOND, ge=0)
    """How many of the traces that enter or begin in this process are recorded (`shared.tracing`)."""
    log_level: str = "INFO"
    demo: bool = False
    database_pool: int = 10


class ServiceSettings(Settings):
    """The settings of a service. Each service's own class adds its name and its database."""

    service: str
    request_timeout_seconds: float = 30.0
    fewest_shown: int = Field(default=DEFAULT_THRESHOLD, ge=LOWEST_THRESHOLD)
    """The disclosure threshold (`shared.disclosure`): no figure about fewer people is shown to everybody."""

    @property
    def database(self) -> SecretStr:
        """The URL of the service's database: `FUNDING_DATABASE_URL` for funding."""
        return getattr(self, f"{self.service}_database_url")
