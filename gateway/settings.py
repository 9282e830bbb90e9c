"""The gateway's settings, and which combinations of them are refused."""

from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from shared.callers import load_public_keys
from shared.settings import ServiceSettings

Service = Literal["evidence", "engagement", "funding"]
SERVICES: tuple[Service, ...] = ("evidence", "engagement", "funding")
MIN_KEY_LENGTH = 32


class GatewaySettings(ServiceSettings):
    """The gateway alone holds the private key that signs who is calling."""

    serves_clients: ClassVar[bool] = True
    service: str = "gateway"
    request_timeout_seconds: float = 600.0
    gateway_database_url: SecretStr
    caller_private_key: SecretStr
    """Ed25519 private key (PEM); one of `caller_public_key` belongs to it."""

    evidence_url: str
    engagement_url: str
    funding_url: str
    evidence_worker_url: str | None = None
    """Where the status page asks for the worker's readiness; without it the worker is not shown."""
    engagement_worker_url: str | None = None
    funding_worker_url: str | None = None

    upstream_transport: Literal["pool", "aiohttp"] = "pool"
    """How requests reach the services: by the gateway's own connections, or by aiohttp's."""
    rate_limit_factor: int = 1
    """Multiplies every limit: 100 on a developer's machine, where all traffic comes from one address."""

    address_key: SecretStr
    """Keys the hashes of e-mail addresses, by which people who sign in by a link are known again: with another key
    they are strangers, unless `former_address_key` is set."""
    former_address_key: SecretStr | None = None
    """The key before `address_key`, while it is replaced: whoever asks for a link is known by either."""
    smtp_url: SecretStr | None = None
    """Where sign-in links are sent: `smtp://user:password@host:587`, or `smtps://` for TLS from the start. Without it a
    demo shows them on its outbox page, and elsewhere nobody signs in by e-mail."""
    smtp_starttls: bool = True
    """Whether `smtp://` requires STARTTLS. Without it mails, and the password, are readable on their way."""
    mail_from: str | None = None
    """The sender of mails: `IMPACT <no-reply@impact.example>`."""

    rate_limit_store_url: SecretStr | None = None
    """A Valkey or Redis (`valkey://host:6379/0`) in which several gateways count together; else each does by itself."""
    cors_allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins (`https://app.example`), comma separated, of front ends that may call from a browser, without cookies."""

    contact_address: str | None = None
    """The e-mail address at which the centre is reached, shown on the contact page."""

    oidc_issuer: str | None = None
    """The OpenID Connect provider; with it there are no personas."""
    oidc_audience: str = "impact"
    oidc_roles_claim: str = "roles"
    """The claim of access and ID tokens that holds the roles; dots separate nested names: `realm_access.roles`."""
    oidc_gives_roles: bool = True
    """Whether the provider gives roles, by that claim; else administrators do, here."""
    oidc_client_id: str | None = None
    """The gateway as a client of the provider, with `PUBLIC_URL/sign-in/callback` as its redirect URI: people sign in
    there by their browser."""
    oidc_client_secret: SecretStr | None = None
    """Without it the gateway is a public client, which PKCE alone protects."""
    oidc_scope: str = "openid"
    """What is asked for: `openid`, and where the provider needs more to state the roles, that too."""
    oidc_name: str = "your organisation's account"
    """What the button says that people sign in with."""

    @field_validator(
        "public_url", "evidence_url", "engagement_url", "funding_url", "oidc_issuer", "evidence_worker_url",
        "engagement_worker_url", "funding_worker_url",
    )  # fmt: skip
    @classmethod
    def _validate_url(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("must be a URL that begins with http:// or https://")
        return url and url.rstrip("/")

    @field_validator("cors_allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("rate_limit_store_url")
    @classmethod
    def _validate_store(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value():
            return None
        if urlsplit(url.get_secret_value()).scheme not in ("valkey", "valkeys", "redis", "rediss"):
            raise ValueError("must be a URL that begins with valkey://, valkeys://, redis:// or rediss://")
        return url

    @field_validator(
        "former_address_key", "smtp_url", "mail_from", "oidc_issuer", "oidc_client_id", "oidc_client_secret",
        mode="before",
    )  # fmt: skip
    @classmethod
    def _unset(cls, value: object) -> object:
        """Take an empty text for what is not set, as docker-compose.yml passes it on."""
        return value or None

    @field_validator("address_key", "former_address_key")
    @classmethod
    def _validate_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < MIN_KEY_LENGTH:
            raise ValueError(f"must have {MIN_KEY_LENGTH} random characters or more: `impact keys` makes it")
        return key

    @field_validator("smtp_url")
    @classmethod
    def _validate_smtp(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("must be a URL such as smtp://user:password@host:587 or smtps://user:password@host")
        return url

    @field_validator("cors_allowed_origins")
    @classmethod
    def _validate_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            url = urlsplit(origin)
            if url.scheme not in ("http", "https") or origin != f"{url.scheme}://{url.netloc}".lower():
                raise ValueError("each must be an origin such as https://app.example, without a path")
        return origins

    @model_validator(mode="after")
    def _validate_combination(self) -> Self:
        if self.demo and self.oidc_issuer:
            raise ValueError(
                "DEMO cannot be set beside OIDC_ISSUER: personas would bypass its sign-in. Unset one of them"
            )
        if self.oidc_client_id and not self.oidc_issuer:
            raise ValueError("OIDC_CLIENT_ID needs OIDC_ISSUER: set both, or neither")
        if self.oidc_client_id and self.oidc_client_id == self.oidc_audience:
            raise ValueError(
                "OIDC_AUDIENCE and OIDC_CLIENT_ID must differ: else an ID token, which is for signing in, would work "
                "as an access token of the API. Give the API a name of its own at the identity provider"
            )
        if self.smtp_url and not self.mail_from:
            raise ValueError("SMTP_URL needs MAIL_FROM: set the address that mails come from")
        if self.rate_limit_factor < 1:
            raise ValueError("RATE_LIMIT_FACTOR must be 1 or more")
        private_key = load_pem_private_key(self.caller_private_key.get_secret_value().encode(), None)
        if private_key.public_key() not in load_public_keys(self.caller_public_key).values():
            raise ValueError("CALLER_PRIVATE_KEY and CALLER_PUBLIC_KEY are not a pair: set two that belong together")
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach the gateway by HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def sends_links(self) -> bool:
        """Whether people can ask for a sign-in link by e-mail."""
        return self.demo or self.smtp_url is not None

    def url_of(self, service: Service) -> str:
        """Return the base URL of a service's API."""
        return {"evidence": self.evidence_url, "engagement": self.engagement_url, "funding": self.funding_url}[service]

    def workers(self) -> dict[Service, str]:
        """Return the base URLs of the workers that are set."""
        urls: dict[Service, str | None] = {
            "evidence": self.evidence_worker_url,
            "engagement": self.engagement_worker_url,
            "funding": self.funding_worker_url,
        }
        return {service: url for service, url in urls.items() if url}
