"""Two answers to the question how long a body is: Transfer-Encoding and Content-Length."""

from typing import Final

from tests.gateway.http.raw_requests.case import (
    HIDDEN,
    POST,
    READ_HIDDEN,
    RawRequest,
    accept,
    await_rest,
    decline,
    encoded,
    get,
    posted,
    refuse,
    refuse_after,
    sized,
    with_body,
)

CHUNK: Final = b"%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN)
"""A request as a chunk."""
NO_CHUNK: Final = b"0\r\n\r\n"

# fmt: off
ENCODINGS: Final[tuple[RawRequest, ...]] = (
    refuse(
        "with a length that ends before the chunks do",
        encoded(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=CHUNK),
    ),
    refuse(
        "before a length that ends before the chunks do",
        encoded(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=CHUNK),
    ),
    refuse(
        "with a length that ends after the chunks do",
        encoded(b"Content-Length: %d" % len(NO_CHUNK + HIDDEN), b"Transfer-Encoding: chunked", body=NO_CHUNK),
    ),
    refuse("with a length of nothing", encoded(b"Content-Length: 0", b"Transfer-Encoding: chunked")),
    refuse("one letter more", sized(b"Transfer-Encoding: xchunked", b"Content-Length: 4")),
    refuse("one letter less", sized(b"Transfer-Encoding: chunke", b"Content-Length: 4")),
    refuse("a space before the colon", sized(b"Transfer-Encoding : chunked", b"Content-Length: 4")),
    refuse("a tab before the colon", sized(b"Transfer-Encoding\t: chunked", b"Content-Length: 4")),
    refuse("a space before the name", sized(b" Transfer-Encoding: chunked", b"Content-Length: 4")),
    refuse("a NUL before the name", sized(b"\0Transfer-Encoding: chunked", b"Content-Length: 4")),
    refuse("a vertical tab before the value", sized(b"Transfer-Encoding: \x0bchunked", b"Content-Length: 4")),
    refuse("a form feed after the value", sized(b"Transfer-Encoding: chunked\x0c", b"Content-Length: 4")),
    refuse("a NUL after the value", sized(b"Transfer-Encoding: chunked\0", b"Content-Length: 4")),
    refuse("a no-break space before the value", sized(b"Transfer-Encoding:\xa0chunked", b"Content-Length: 4")),
    refuse("in quotes", sized(b'Transfer-Encoding: "chunked"', b"Content-Length: 4")),
    refuse("with a parameter", encoded(b"Transfer-Encoding: chunked;q=1")),
    refuse("with a comma after it", encoded(b"Transfer-Encoding: chunked,")),
    refuse("with a comma before it", encoded(b"Transfer-Encoding: ,chunked")),
    refuse("twice the same", encoded(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked")),
    refuse("identity after it", encoded(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity")),
    refuse("identity before it", encoded(b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked")),
    refuse("identity after it in a list", encoded(b"Transfer-Encoding: chunked, identity")),
    refuse("identity alone", sized(b"Transfer-Encoding: identity", b"Content-Length: 4")),
    refuse("gzip before it", encoded(b"Transfer-Encoding: gzip, chunked")),
    refuse("empty", sized(b"Transfer-Encoding:", b"Content-Length: 4")),
    refuse("on a folded line", sized(b"Transfer-Encoding:", b" chunked", b"Content-Length: 4")),
    refuse("folded behind another header", sized(b"X: y", b"\tTransfer-Encoding: chunked", b"Content-Length: 4")),
    refuse("behind a bare line feed", sized(b"X: y\nTransfer-Encoding: chunked", b"Content-Length: 4")),
    refuse("behind a bare carriage return", sized(b"X: y\rTransfer-Encoding: chunked", b"Content-Length: 4")),
    refuse("in HTTP/1.0", encoded(b"Transfer-Encoding: chunked").replace(b"HTTP/1.1", b"HTTP/1.0", 1)),
    accept(
        "underscores in the name are another header",
        sized(b"Transfer_Encoding: chunked", b"Content-Length: 4"), posted(4), READ_HIDDEN,
    ),
    accept("in capitals", encoded(b"TRANSFER-ENCODING: CHUNKED"), posted(4), closes=True),
    refuse("a tab after it", encoded(b"Transfer-Encoding: chunked\t")),
    accept("between a tab and spaces", encoded(b"Transfer-Encoding:\t chunked  "), posted(4), closes=True),
    accept(
        "kept to the connection",
        encoded(b"Connection: transfer-encoding", b"Transfer-Encoding: chunked"), posted(4), closes=True,
    ),
    accept(
        "in a GET",
        get(b"Transfer-Encoding: chunked") + b"4\r\nabcd\r\n0\r\n\r\n" + HIDDEN, "GET /v1/evidence/1 4", closes=True,
    ),
)

LENGTHS: Final[tuple[RawRequest, ...]] = (
    refuse("twice the same", sized(b"Content-Length: 4", b"Content-Length: 4")),
    refuse("twice, not the same", sized(b"Content-Length: 4", b"Content-Length: 0")),
    refuse("twice, in different case", sized(b"Content-Length: 0", b"content-length: 4")),
    refuse("a list of the same", sized(b"Content-Length: 4, 4")),
    refuse("a list of different ones", sized(b"Content-Length: 4, 0")),
    refuse("with a plus", sized(b"Content-Length: +4")),
    refuse("negative", sized(b"Content-Length: -4")),
    refuse("hexadecimal", sized(b"Content-Length: 0x4")),
    refuse("octal", sized(b"Content-Length: 0o4")),
    refuse("a fraction", sized(b"Content-Length: 4.0")),
    refuse("with an exponent", sized(b"Content-Length: 4e0")),
    refuse("with an underscore", sized(b"Content-Length: 0_4")),
    refuse("leading zeros", sized(b"Content-Length: 0004")),
    refuse("two numbers", sized(b"Content-Length: 4 4")),
    refuse("in quotes", sized(b'Content-Length: "4"')),
    refuse("with a semicolon", sized(b"Content-Length: 4;")),
    refuse("a digit of another script", sized("Content-Length: ٤".encode())),
    refuse("more than 64 bits hold", sized(b"Content-Length: 18446744073709551620")),
    refuse("empty", sized(b"Content-Length:")),
    refuse("a vertical tab before it", sized(b"Content-Length:\x0b4")),
    refuse("a NUL after it", sized(b"Content-Length: 4\0")),
    refuse("a space before the colon", sized(b"Content-Length : 4")),
    refuse("on a folded line", sized(b"Content-Length:", b" 4")),
    refuse("behind a bare carriage return", sized(b"X: y\rContent-Length: 4")),
    refuse("behind a bare line feed", sized(b"X: y\nContent-Length: 4")),
    refuse_after("underscores in the name are another header", sized(b"Content_Length: 4"), posted(0), status=405),
    refuse_after("none, with a body", sized(), posted(0), status=405),
    accept("none, with a request as the body", encoded(body=b""), posted(0), READ_HIDDEN),
    accept("nothing, with a request as the body", sized(b"Content-Length: 0", body=b""), posted(0), READ_HIDDEN),
    accept("between tabs and spaces", sized(b"Content-Length:\t 4 \t"), posted(4), READ_HIDDEN),
    accept("without a space", sized(b"Content-Length:4"), posted(4), READ_HIDDEN),
    accept(
        "kept to the connection", sized(b"Connection: content-length", b"Content-Length: 4"), posted(4), READ_HIDDEN,
    ),
    accept("of a request in the body", sized(b"Content-Length: %d" % len(HIDDEN), body=b""), posted(len(HIDDEN))),
    accept("of a request in the body of a GET", with_body(b"GET", HIDDEN), f"GET /v1/evidence/1 {len(HIDDEN)}"),
    decline("of a request in the body of a DELETE", with_body(b"DELETE", HIDDEN), 401),
    accept(
        "of a request in the body of OPTIONS", with_body(b"OPTIONS", HIDDEN), f"OPTIONS /v1/evidence/1 {len(HIDDEN)}",
    ),
    await_rest("of more than comes", sized(b"Content-Length: 4000")),
    refuse("of more than may come", POST + b"Content-Length: 999999999\r\n\r\n" + HIDDEN, 413),
)
# fmt: on
