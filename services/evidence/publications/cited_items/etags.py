"""Entity tags of publications: the row's own version, then a digest of the whole body, which shows other rows too."""

import hashlib
import re

from fastapi import Response

from shared.http.caching import CachePolicy
from shared.http.etags import Match, Versioned, parse_etags
from shared.problems import PreconditionFailed, PreconditionRequired

_DIGEST_LENGTH = 16
_DIGEST = re.compile(rf'-[0-9a-f]{{{_DIGEST_LENGTH}}}"')


def etag_of(body: bytes, row: Versioned) -> str:
    """Return the ETag of the JSON: it changes with the row and with anything else in the body."""
    return f'"{row.version}-{hashlib.sha256(body).hexdigest()[:_DIGEST_LENGTH]}"'


def json_response(body: bytes, row: Versioned, policy: CachePolicy, *, status: int = 200) -> Response:
    """Return the JSON as a response with its ETag."""
    headers = {**policy.headers, "ETag": etag_of(body, row)}
    return Response(body, status, headers, media_type="application/json")


def check_version(match: Match, row: Versioned) -> None:
    """Compare If-Match with the row's own version: changes of the other rows in the body are no conflict.

    Raises PreconditionRequired, PreconditionFailed.
    """
    Match(match.header and _DIGEST.sub('"', match.header)).check(row)


def check_response(match: Match, response: Response) -> None:
    """Compare If-Match with the ETag of all that the caller reads: also of the other rows.

    For decisions about what has happened to other rows. Raises PreconditionRequired, PreconditionFailed.
    """
    if match.header is None:
        raise PreconditionRequired
    if response.headers["ETag"] not in parse_etags(match.header):
        raise PreconditionFailed
