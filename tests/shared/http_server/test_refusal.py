"""What the HTTP server itself refuses, before any application sees it."""

import pytest

from shared.http_server.problems import RequestTooSlow
from shared.http_server.refusal import as_last_response


@pytest.mark.parametrize(("public_url", "has_hsts"), [("https://impact.example", True), ("http://127.0.0.1", False)])
def test_a_refusal_is_as_safe_in_a_browser_as_any_answer(public_url: str, has_hsts: bool) -> None:
    head, _, _ = as_last_response(RequestTooSlow(), public_url, []).partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n")[1:]]
    for name in (b"x-content-type-options", b"x-frame-options", b"referrer-policy", b"content-security-policy"):
        assert names.count(name) == 1
    assert (b"strict-transport-security" in names) == has_hsts
