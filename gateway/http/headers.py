"""Headers that every answer carries, whoever made it."""

from typing import Final

from gateway.http.request import Headers

REALM: Final = 'Bearer realm="IMPACT"'
NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
POLICY: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
CHALLENGE: Final = (b"www-authenticate", REALM.encode())


def completed(headers: Headers, status: int) -> Headers:
    """Adds what the answer itself does not say: a strict policy for browsers, and with 401 how to sign in."""
    policy = challenge = False
    for name, _ in headers:
        if name == b"content-security-policy":
            policy = True
        elif name == b"www-authenticate":
            challenge = True
    if not policy:
        headers.append(POLICY)
    if status == 401 and not challenge:
        headers.append(CHALLENGE)
    return headers
