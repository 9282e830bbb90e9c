"""The secrets of an installation: generated once, stored in a folder, without defaults.

Each service has a folder with its own secrets, which its processes read as SECRETS_DIR.
"""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from deploy.engines.databases import SERVICES
from deploy.engines.setup_error import SetupError


def ensure(folder: Path, *, database_url: str | None = None, readable: bool = False) -> None:
    """Write the secrets that are missing; those that exist stay as they are.

    `database_url` is a pattern such as `postgresql://{service}:{password}@{service}-db:5432/{service}`; with it each
    service's folder also gets `<service>_database_url`. `readable` opens the files to other users, for containers
    that run as another one and see no folder but their own.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private, public = _key_pair(folder)
        for service in SERVICES:
            service_folder = folder / service
            service_folder.mkdir(mode=0o755 if readable else 0o700, exist_ok=True)
            generators: dict[str, Callable[[], str]] = {
                "caller_public_key": lambda: public,
                "cursor_key": lambda: secrets.token_urlsafe(32),
                "field_key": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
                "database_password": lambda: secrets.token_urlsafe(24),
            }
            if service == "gateway":
                generators["caller_private_key"] = lambda: private
                generators["address_key"] = lambda: secrets.token_urlsafe(32)
            for name, make in generators.items():
                _write(service_folder / name, make, readable=readable)
            if database_url is not None:
                url = database_url.format(service=service, password=(service_folder / "database_password").read_text())
                _write(service_folder / f"{service}_database_url", lambda url=url: url, readable=readable)
    except OSError as error:
        raise SetupError(f"The keys could not be written to {folder} ({error.strerror}): make it writable.") from error


def replace_caller_key(folder: Path, *, readable: bool = False) -> str:
    """Take the next of three steps to a new key by which the gateway signs callers. Returns what to do after it.

    After each step processes of before and after it understand each other, so they may be restarted one by one. Which
    step is next the files say: whether a next private key waits, and how many public keys there are.
    """
    gateway = folder / "gateway"
    following = gateway / "next_caller_private_key"
    try:
        if following.exists():
            following.rename(gateway / "caller_private_key")
            return "Restart the gateway, which then signs with the new key. Then do this again."
        finished = (gateway / "caller_public_key").read_text().count("BEGIN PUBLIC KEY") > 1
        _, public = _key_pair(folder)
        new_private, new_public = _as_pem(Ed25519PrivateKey.generate())
        # The gateway's own comes last: where this breaks off, it says that the step is to be taken again.
        for service in sorted(SERVICES, key=lambda name: name == "gateway"):
            content = public if finished else public + new_public
            _replace(folder / service / "caller_public_key", content, readable=readable)
        if not finished:
            _replace(following, new_private, readable=readable)
            return "Restart the services and the gateway, which then accept both keys. Then do this again."
    except OSError as error:
        raise SetupError(f"The keys in {folder} could not be replaced ({error.strerror}).") from error
    return "The old key is removed. Restart the services and the gateway at any time: nothing else is left to do."


def database_passwords(folder: Path) -> dict[str, str]:
    """Return the password of each service's database role."""
    return {service: (folder / service / "database_password").read_text() for service in SERVICES}


def superuser_password(folder: Path) -> str:
    """Return the password of the embedded PostgreSQL's superuser, which only the `impact` command uses."""
    return _write(folder / "superuser_password", lambda: secrets.token_urlsafe(24), readable=False)


def _key_pair(folder: Path) -> tuple[str, str]:
    private_key = folder / "gateway" / "caller_private_key"
    exists = private_key.exists()
    key = serialization.load_pem_private_key(private_key.read_bytes(), None) if exists else Ed25519PrivateKey.generate()
    return _as_pem(key)


def _as_pem(key: PrivateKeyTypes) -> tuple[str, str]:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _write(file: Path, generate: Callable[[], str], *, readable: bool) -> str:
    """Return the content of the file, which is generated where it is missing."""
    if not file.exists():
        _replace(file, generate(), readable=readable)
    return file.read_text()


def _replace(file: Path, content: str, *, readable: bool) -> None:
    """Write the file by a rename, so that it is never half-written."""
    temporary = file.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(content)
    temporary.chmod(0o444 if readable else 0o400)
    temporary.rename(file)
