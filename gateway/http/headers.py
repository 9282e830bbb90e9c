"""Security headers that every response carries, whoever made it."""

from typing import Final

from gateway.http.request import Headers

REALM: Final = 'Bearer realm="IMPACT"'
NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
SAFE_IN_BROWSERS: Final = (NOSNIFF, (b"x-frame-options", b"DENY"), (b"referrer-policy", b"same-origin"))
"""Of every response. What may frame a page the Content-Security-Policy says too, to browsers that know it."""
ORIGIN_ALONE: Final = (b"referrer-policy", b"strict-origin")
"""Of a page whose address is a secret. With `no-referrer` its form would come with `Origin: null` (the Fetch standard),
and where a browser sends no Sec-Fetch-Site could not be told from a form of another site."""
CONTENT_SECURITY_POLICY: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
CHALLENGE: Final = (b"www-authenticate", REALM.encode())


def add_security_headers(headers: Headers, status: int) -> Headers:
    """Add a strict Content-Security-Policy, and to a 401 a challenge, unless they are there. Returns the same list."""
    has_policy = has_challenge = False
    for name, _ in headers:
        if name == b"content-security-policy":
            has_policy = True
        elif name == b"www-authenticate":
            has_challenge = True
    if not has_policy:
        headers.append(CONTENT_SECURITY_POLICY)
    if status == 401 and not has_challenge:
        headers.append(CHALLENGE)
    return headers
