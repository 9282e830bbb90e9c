import gzip
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from gateway.web.layout.assets import asset_path, names
from tests.gateway.world import BROWSER, Gateway, StartGateway


@pytest.mark.parametrize("path", ["/accessibility", "/privacy", "/cookies", "/contact", "/preferences"])
@pytest.mark.parametrize("language", ["en", "cy"])
async def test_a_page_is_shown_in_each_language(gateway: Gateway, path: str, language: str) -> None:
    await gateway.http.get(f"/language/{language}")
    page = await gateway.http.get(path, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert ("This is a demonstration" in page.text) == (language == "en")


async def test_the_contact_page_names_the_address_that_is_set(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(contact_address="hello@impact.example")
    page = await gateway.http.get("/contact?about=/evidence/x")
    assert 'href="mailto:hello@impact.example"' in page.text
    assert "/evidence/x</code>" in page.text
    assert (
        "<code>"
        not in (await gateway.http.get("/contact?about=//evil.example")).text.split("<main")[1].split("</main")[0]
    )
    for path in ("/sign-in/impact_link_x", "/sign-in/impact_link_x?next=/"):
        assert (
            "impact_link_x" not in (await gateway.http.get("/contact", params={"about": path})).text.split("<main")[1]
        )


async def test_a_contact_page_without_an_address_says_so_in_plain_words(gateway: Gateway) -> None:
    page = await gateway.http.get("/contact", headers=BROWSER)
    assert "We do not have an address for messages about this site yet." in page.text
    assert "CONTACT_ADDRESS" not in page.text


async def test_a_file_is_kept_for_ever_at_the_address_with_its_hash_and_is_nowhere_else(gateway: Gateway) -> None:
    for name in names():
        file = await gateway.http.get(asset_path(name))
        assert (file.status_code, file.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    async with gateway.http.stream("GET", asset_path("impact.css"), headers={"Accept-Encoding": "gzip"}) as response:
        packed = b"".join([chunk async for chunk in response.aiter_raw()])
    assert (response.headers["content-encoding"], len(packed) < 18_000) == ("gzip", True)
    assert b"govuk-button" in gzip.decompress(packed)
    for path in ("/assets/0/impact.css", "/assets/x/..%2fpage.py", asset_path("impact.css").replace(".css", ".scss")):
        assert (await gateway.http.get(path)).status_code in (400, 404)


async def test_crawlers_and_researchers_find_what_they_look_for(gateway: Gateway) -> None:
    robots = (await gateway.http.get("/robots.txt")).text
    assert "Disallow: /v1/\n" in robots
    assert f"Sitemap: {gateway.url}/sitemap.xml" in robots
    security = dict(
        line.split(": ", 1) for line in (await gateway.http.get("/.well-known/security.txt")).text.splitlines() if line
    )
    assert urlsplit(security["Contact"]).path == "/contact"
    left = datetime.fromisoformat(security["Expires"]) - datetime.now(UTC)
    assert timedelta(days=300) < left < timedelta(days=366)
    assert (await gateway.http.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"


async def test_the_cookies_page_names_each_cookie_that_is_set(gateway: Gateway) -> None:
    page = (await gateway.http.get("/cookies")).text
    await gateway.http.get("/language/cy")
    await gateway.http.post(await gateway.link("carer"))
    assert len(gateway.http.cookies) == 2
    for name in gateway.http.cookies:
        assert f"<code>{name}</code>" in page


async def test_a_page_that_was_stored_keeps_its_styles(gateway: Gateway) -> None:
    page = await gateway.http.get("/accessibility", headers=BROWSER)
    stored = await gateway.http.get("/accessibility", headers={**BROWSER, "If-None-Match": page.headers["etag"]})
    assert stored.status_code == 304
    policy = stored.headers["content-security-policy"]
    assert (policy, "style-src 'self'" in policy) == (page.headers["content-security-policy"], True)
