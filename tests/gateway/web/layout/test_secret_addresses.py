"""The address of a sign-in link is a secret: nothing on its page, or of its page, passes it on."""

import pytest

from tests.gateway.world import BROWSER, Gateway, StartGateway


@pytest.mark.parametrize("language", ["en", "cy"])
async def test_the_page_of_a_link_passes_its_address_on_to_nobody(gateway: Gateway, language: str) -> None:
    await gateway.http.get(f"/language/{language}")
    link = await gateway.link("carer")
    token = link.rpartition("/")[2]
    unknown = link.replace(token, "impact_link_wrong")
    for page in (
        await gateway.http.get(f"{link}?next=/cookies", headers=BROWSER),
        await gateway.http.get(unknown, headers=BROWSER),
        await gateway.http.post(link, headers={**BROWSER, "Sec-Fetch-Site": "cross-site"}),
    ):
        assert token not in page.text
        assert "impact_link_wrong" not in page.text
        assert 'href="/contact?about=/sign-in"' in page.text
        other = "en" if language == "cy" else "cy"
        links = (f"?next=/cookies&amp;language={other}", f"?language={other}", f"/language/{other}?next=/sign-in")
        assert sum(f'href="{link}"' in page.text for link in links) == 1
        assert page.headers.get_list("referrer-policy") == ["strict-origin"]
    for path in (link, unknown, "/sign-in/check-your-email"):
        assert (await gateway.http.get(path, headers=BROWSER)).headers["cache-control"] == "no-store"


async def test_pages_that_are_no_secret_lead_back_to_themselves(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    page = await gateway.http.get("/cookies?x=1", headers=BROWSER)
    assert 'href="/contact?about=/cookies"' in page.text
    assert 'href="/language/cy?next=/cookies%3Fx%3D1"' in page.text
    assert page.headers["referrer-policy"] == "same-origin"
