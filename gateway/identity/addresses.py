"""E-mail addresses as people type them: one spelling of each, and the keyed hash that stands for it."""

import hashlib
import hmac
import re
import unicodedata
from typing import Final

from yarl import URL

MAX_ADDRESS_LENGTH: Final = 254
MAX_LOCAL_LENGTH: Final = 64
_local = re.compile(r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\].]+(\.[^\s\x00-\x20\x7f\"(),:;<>@\[\\\].]+)*")
_domain = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_invisible = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
"""Characters that a copied address may carry and nobody sees."""


class NotAnAddress(ValueError):
    """What was typed is no e-mail address."""


class NotPlainAddress(NotAnAddress):
    """Before the @ stands a letter that many mail servers do not take, or that they replace by another."""


def normalise(typed: str) -> str:
    """Return the one spelling of an address: without spaces around and a dot at the end, in small letters, the domain
    as the DNS has it (IDNA 2008). Mails go to this spelling, so that nobody is taken for someone who is spelled alike.

    Raises NotAnAddress, NotPlainAddress.
    """
    address = unicodedata.normalize("NFKC", typed)
    for character in _invisible:
        address = address.replace(character, "")
    local, at, domain = address.strip().rstrip(".").rpartition("@")
    local = local.lower()  # which, unlike casefold(), makes no other letter of one
    try:
        host = URL.build(scheme="https", host=domain.strip(".").lower()).raw_host or ""
    except ValueError as error:
        raise NotAnAddress from error
    if not at or len(local.encode()) > MAX_LOCAL_LENGTH or len(local) + len(host) >= MAX_ADDRESS_LENGTH:
        raise NotAnAddress
    if not _local.fullmatch(local) or not local.isprintable() or not _domain.fullmatch(host):
        raise NotAnAddress
    if "=?" in local:  # an encoded word (RFC 2047), which programs may decode to another address
        raise NotAnAddress
    if not local.isascii():
        raise NotPlainAddress
    return f"{local}@{host}"


def digest_of(address: str, key: str) -> bytes:
    """Return the keyed hash (HMAC-SHA256) of a normalised address. Without the key nobody can try addresses out."""
    return hmac.new(key.encode(), address.encode(), hashlib.sha256).digest()
