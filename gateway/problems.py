"""The gateway's own problems (RFC 9457)."""

from shared.problems import Problem


class AddressNotUnderstood(Problem):
    status = 400
    title = "The address is not valid"
    detail = (
        "The path has an empty segment, a dot segment or an encoded slash, or the address has a character that must be "
        "percent-encoded. Write it as the API reference shows."
    )


class HeaderNotUnderstood(Problem):
    status = 400
    title = "The Request-Timeout header is not valid"
    detail = "Give a number of seconds, such as 5 or 0.5."


class OneCredentialOnly(Problem):
    status = 400
    title = "More than one credential was sent"
    detail = "Send either one Authorization header or one X-API-Key header, so that it is clear who is calling."


class NotFromThisSite(Problem):
    status = 403
    title = "This request came from another website"
    detail = (
        "For your safety, a browser can only make changes from the pages of this site. Open the page here and try "
        "again. A program should send a token or an API key instead of a cookie."
    )


class BodyTooLarge(Problem):
    status = 413
    title = "The request body is too large"
    detail = "It is larger than this address accepts. Send a smaller file, or split it into several requests."


class TooManyRequests(Problem):
    status = 429
    title = "Too many requests"
    detail = "Nothing was changed. Wait for the number of seconds in the Retry-After header, then send it again."


class BadAnswer(Problem):
    status = 502
    title = "A service did not complete its response"
    detail = (
        "The request may or may not have taken effect. Check before you send it again; with the same Idempotency-Key "
        "it is always safe to send it again."
    )


class ServiceDown(Problem):
    status = 503
    title = "This service is not available at the moment"
    detail = "Nothing was changed. Try again in a few seconds. The status page shows which services are working."


class ServiceBusy(Problem):
    status = 503
    title = "This service has too much to do at the moment"
    detail = "Nothing was changed. Wait for the number of seconds in the Retry-After header, then send it again."


class SignInIsElsewhere(Problem):
    status = 404
    title = "Sign-in links are not used here"
    detail = "Sign in with your organisation's account. If you do not know how, ask the centre."
