"""The gateway's own refusals."""

from shared.problems import Problem


class AddressNotUnderstood(Problem):
    status = 400
    title = "This address cannot be read"
    detail = "The path has empty parts, dots or encoded slashes. Write it plainly, as the API reference shows it."


class HeaderNotUnderstood(Problem):
    status = 400
    title = "A header cannot be read"
    detail = "Request-Timeout is a number of seconds, such as 5 or 0.5."


class OneCredentialOnly(Problem):
    status = 400
    title = "Two credentials were sent"
    detail = "Send either Authorization or X-API-Key, not both, so that it is certain who is calling."


class NotFromThisSite(Problem):
    status = 403
    title = "This did not come from our own pages"
    detail = "A browser changes things by our own pages alone. Open the page here; a program sends a token or a key."


class BodyTooLarge(Problem):
    status = 413
    title = "This is too much at once"
    detail = "What was sent is larger than this address takes. Send it in smaller parts."


class AddressTooLong(Problem):
    status = 414
    title = "This address is too long"
    detail = "An address may have 8,000 characters. Narrow the filters, or send fewer of them."


class HeadersTooLarge(Problem):
    status = 431
    title = "There are too many headers"
    detail = "All headers together may have 32,000 characters and 100 lines. Leave out what is not needed."


class TooManyRequests(Problem):
    status = 429
    title = "That was a little fast"
    detail = "Wait for the seconds that the Retry-After header says, and go on. Nothing was lost or changed."


class BadAnswer(Problem):
    status = 502
    title = "A part of the platform broke off its answer"
    detail = "Look whether it took effect, or send it again with the same Idempotency-Key: that is always safe."


class ServiceDown(Problem):
    status = 503
    title = "This part of the platform is not available right now"
    detail = "Nothing was changed. Try again in a few seconds; the status page shows which parts are working."


class SignInIsElsewhere(Problem):
    status = 404
    title = "There are no sign-in links here"
    detail = "People sign in with their organisation's own sign-in. Ask the centre if you are not sure how."
