"""What one connection may ask of a process. Each is a setting: `HTTP_MAX_HEAD_BYTES` and so on."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Final, Self

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.http_server.addresses import address_of

GATEWAY_HEADERS: Final = 10
GATEWAY_HEAD_BYTES: Final = 4_096
"""More than the gateway adds to a request: the signed caller, the id, the trace, the time that is left."""


class HttpLimits(BaseSettings):
    """The limits of the HTTP server."""

    model_config = SettingsConfigDict(env_prefix="HTTP_", extra="ignore", frozen=True)

    max_head_bytes: int = Field(default=32_768, ge=1_024)
    """Of the request line and all headers together."""
    max_headers: int = Field(default=100, ge=10)
    max_target_bytes: int = Field(default=8_192, ge=256)
    """Of path and query together."""
    head_timeout_seconds: float = Field(default=10, gt=0)
    """From the first byte of a request to the end of its headers."""
    idle_timeout_seconds: float = Field(default=75, gt=0)
    """Without a request, before the first one as well."""
    min_body_bytes_per_second: float = Field(default=1_024, ge=0)
    body_window_seconds: float = Field(default=30, gt=0)
    """Over which the rate of a body is measured."""
    write_timeout_seconds: float = Field(default=30, gt=0)
    """How long a client may take none of the bytes that wait for it."""
    max_connections_per_address: int = Field(default=100, ge=1)
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(), validation_alias="TRUSTED_PROXIES"
    )
    """Addresses or networks, comma separated. They say who their client is (`shared.http_server.client_address`), and
    any number of connections may come from them: there the gateway counts the requests of each client instead."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    def trusts(self, address: str) -> bool:
        """Return whether this address is that of a trusted proxy. Text that is no address is not."""
        try:
            ip_address = address_of(address)
        except ValueError:
            return False
        return any(ip_address in network for network in self.trusted_proxies)

    def behind_gateway(self) -> Self:
        """Return these limits for a service: all that the gateway lets through, and what it adds to it."""
        return self.model_copy(
            update={
                "max_head_bytes": self.max_head_bytes + GATEWAY_HEAD_BYTES,
                "max_headers": self.max_headers + GATEWAY_HEADERS,
            }
        )
