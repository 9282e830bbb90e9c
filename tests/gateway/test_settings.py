from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import ValidationError

from gateway.settings import GatewaySettings
from tests.gateway.world import settings
from tests.support.settings import caller_keys

NOWHERE = "postgresql://gateway:x@127.0.0.1:1/gateway"


def make_settings(**other: Any) -> Any:
    return settings(NOWHERE, "http://127.0.0.1:1", **other)


def test_a_demo_beside_a_real_identity_provider_is_refused() -> None:
    with pytest.raises(ValidationError, match="DEMO cannot be set beside OIDC_ISSUER"):
        make_settings(demo=True, oidc_issuer="https://id.example.org")
    assert make_settings(demo=False, oidc_issuer="https://id.example.org/").oidc_issuer == "https://id.example.org"


def test_keys_that_are_no_pair_are_refused() -> None:
    other = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(ValidationError, match="not a pair"):
        make_settings(caller_private_key=other)


def test_the_signing_key_may_be_one_of_two_that_services_accept() -> None:
    other = Ed25519PrivateKey.generate().public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert make_settings(caller_public_key=pem + caller_keys()[1])
    with pytest.raises(ValidationError, match="not a pair"):
        make_settings(caller_public_key=pem)
    with pytest.raises(ValidationError, match="must hold a public key"):
        make_settings(caller_public_key="nothing")


@pytest.mark.parametrize(
    "invalid", [{"rate_limit_factor": 0}, {"public_url": "impact.example"}, {"evidence_url": "ftp://x"}]
)
def test_what_cannot_be_is_refused(invalid: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make_settings(**invalid)


def test_no_secret_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "CALLER_PRIVATE_KEY",
        "CALLER_PUBLIC_KEY",
        "CURSOR_KEY",
        "GATEWAY_DATABASE_URL",
        "ADDRESS_KEY",
        "SECRETS_DIR",
    ):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValidationError) as refused:
        GatewaySettings(evidence_url="http://a", engagement_url="http://b", funding_url="http://c")  # pyright: ignore[reportCallIssue]  that is the point
    missing = {error["loc"][0] for error in refused.value.errors()}
    assert missing == {"caller_public_key", "cursor_key", "gateway_database_url", "caller_private_key", "address_key"}


@pytest.mark.parametrize(
    ("invalid", "reason"),
    [
        ({"smtp_url": "smtp://mail.example"}, "SMTP_URL needs MAIL_FROM"),
        ({"smtp_url": "mail.example:587", "mail_from": "a@b.example"}, "must be a URL such as smtp://"),
        ({"oidc_client_id": "impact"}, "OIDC_CLIENT_ID needs OIDC_ISSUER"),
        (
            {"demo": False, "oidc_issuer": "https://id.example", "oidc_client_id": "x", "oidc_audience": "x"},
            "OIDC_AUDIENCE and OIDC_CLIENT_ID must differ",
        ),
        ({"address_key": "short"}, "32 random characters"),
        ({"former_address_key": "short"}, "32 random characters"),
    ],
)
def test_a_way_to_sign_in_that_is_half_set_is_refused(invalid: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        make_settings(**invalid)


def test_an_empty_text_is_what_is_not_set() -> None:
    names = ("former_address_key", "smtp_url", "mail_from", "oidc_issuer", "oidc_client_id", "oidc_client_secret")
    settings = make_settings(**dict.fromkeys(names, ""))
    assert [getattr(settings, name) for name in names] == [None] * len(names)


def test_a_secret_is_not_shown() -> None:
    assert "PRIVATE KEY" not in repr(make_settings())
