import pytest

from gateway.identity.devices import Device
from gateway.identity.rules import START_PAGE
from gateway.web.sign_in.browser import path_after


@pytest.mark.parametrize("path", ["/", "/sessions", "/v1/search?q=carers&limit=5", "/a/b#c", "/v1/claims?next=//x"])
def test_a_path_of_this_site_is_where_one_goes_after_signing_in(path: str) -> None:
    assert path_after(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "sessions",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/a\\b",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\x00",
        " /sessions",
        "/ /evil.example",
        "/sign-in",
        "/sign-in?next=/sign-in",
        "/sign-in/organisation",
        "/" + "x" * 500,
        "/" + "é" * 100,
    ],
)
def test_anything_else_leads_to_the_start_page(path: str | None) -> None:
    assert path_after(path) == START_PAGE


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
            "Safari/537.36 Edg/140.0.0.0",
            ("Edge", "Windows"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Mobile/15E148 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-S928B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
            "Chrome/130.0.0.0 Mobile Safari/537.36",
            ("Samsung Internet", "Android"),
        ),
        ("python-httpx/0.28", (None, None)),
        ("", (None, None)),
    ],
)
def test_people_can_tell_their_devices_apart(user_agent: str, device: tuple[str | None, str | None]) -> None:
    assert Device.of(user_agent) == device
