"""Refusals of the HTTP server: the application never sees these requests."""

from shared.problems import Problem


class RequestNotUnderstood(Problem):
    status = 400
    title = "The request is not valid HTTP"
    detail = "Its {part} is not as RFC 9112 asks. Correct it, or use an HTTP library that is kept up to date."


class RequestTooSlow(Problem):
    status = 408
    title = "The request came too slowly"
    detail = "Nothing was changed. Send it again over a faster or steadier connection."


class AddressTooLong(Problem):
    status = 414
    title = "The address is too long"
    detail = "The path and query together may have up to {bytes:,} bytes. Use fewer or shorter filters."


class ExpectationUnknown(Problem):
    status = 417
    title = "The Expect header is not supported"
    detail = "Only `Expect: 100-continue` is supported. Leave the header out."


class TooManyConnections(Problem):
    status = 429
    title = "Too many connections are open"
    detail = "One address may have {connections} open connections. Reuse connections, or close those you do not need."


class HeadersTooLarge(Problem):
    status = 431
    title = "The request headers are too large"
    detail = "There may be up to {count} headers of {bytes:,} bytes in total. Leave out those that are not needed."


class MethodNotSupported(Problem):
    status = 405
    title = "The method is not supported"
    detail = "No address here accepts this HTTP method. The API reference lists the methods of each address."
