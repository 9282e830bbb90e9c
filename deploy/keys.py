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
            for name, make in generators.items():
                _write(service_folder / name, make, readable=readable)
            if database_url is not None:
                url = database_url.format(service=service, password=(service_folder / "database_password").read_text())
                _write(service_folder / f"{service}_database_url", lambda url=url: url, readable=readable)
    except OSError as error:
        raise SetupError(f"The keys could not be written to {folder} ({error.strerror}): make it writable.") from error


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
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _write(file: Path, generate: Callable[[], str], *, readable: bool) -> str:
    """Return the content of the file. A missing one is created by a rename, so that it is never half-written."""
    if not file.exists():
        temporary = file.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(generate())
        temporary.chmod(0o444 if readable else 0o400)
        temporary.rename(file)
    return file.read_text()
