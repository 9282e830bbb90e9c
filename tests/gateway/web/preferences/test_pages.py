import pytest

from gateway.web.layout.preferences import CHOICES, Preferences
from tests.gateway.world import Gateway

OWN = {"Sec-Fetch-Site": "same-origin"}


async def test_choices_are_kept_and_every_page_follows_them(gateway: Gateway) -> None:
    first = await gateway.http.get("/accessibility")
    assert '<html lang="en-GB" class' in first.text
    chosen = {"text": "large", "colours": "dark", "style": "plain", "language": "cy", "next": "/accessibility"}
    response = await gateway.http.post("/preferences", data=chosen, headers=OWN)
    assert (response.status_code, response.headers["location"]) == (
        303,
        "/preferences?saved=true&next=%2Faccessibility",
    )
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Max-Age=31536000" in cookie
    page = await gateway.http.get("/accessibility")
    assert '<html lang="cy" data-text="large" data-colours="dark" data-style="plain" class' in page.text


async def test_a_link_changes_the_language_and_leads_back(gateway: Gateway) -> None:
    response = await gateway.http.get("/language/cy?next=/cookies")
    assert (response.status_code, response.headers["location"]) == (303, "/cookies")
    assert '<html lang="cy"' in (await gateway.http.get("/cookies")).text
    await gateway.http.get("/language/en")
    assert '<html lang="en-GB"' in (await gateway.http.get("/cookies")).text
    assert (await gateway.http.get("/language/fr")).status_code == 404


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example", "/%0d%0aX", "javascript:x"]
)
async def test_no_link_of_ours_leads_to_another_site(gateway: Gateway, elsewhere: str) -> None:
    response = await gateway.http.get("/language/cy", params={"next": elsewhere})
    assert response.headers["location"] in ("/", "/%0d%0aX")
    saved = await gateway.http.post("/preferences", data={"next": elsewhere, "text": "large"}, headers=OWN)
    assert "evil" not in saved.headers["location"]
    assert saved.headers["location"].startswith("/preferences?")


async def test_another_site_cannot_change_how_pages_look(gateway: Gateway) -> None:
    refused = await gateway.http.post("/preferences", data={"text": "large"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)


def test_a_cookie_that_holds_something_else_is_the_default() -> None:
    for value in (
        "",
        "text=huge&language=xx",
        "=&=",
        "a" * 5000,
        "text=large;x",
        "&".join(["a=b"] * 19),
        "&" * 20 + "text=large",
    ):
        assert Preferences.of_cookie(value) == Preferences()


def test_a_cookie_holds_what_differs_from_the_default() -> None:
    assert Preferences().cookie() == ""
    for name, choices in CHOICES.items():
        for choice in choices:
            preferences = Preferences(**{name: choice})
            assert Preferences.of_cookie(preferences.cookie()) == preferences
