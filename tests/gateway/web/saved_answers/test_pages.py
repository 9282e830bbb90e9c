import pytest

from tests.gateway.world import Gateway, StartGateway

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


async def test_the_button_deletes_and_takes_the_cookie_back(gateway: Gateway) -> None:
    token = "A" * 43
    gateway.http.cookies.set("impact_answers", token)
    page = await gateway.http.get("/saved-answers")
    assert page.status_code == 200
    assert 'action="/saved-answers/delete"' in page.text
    pressed = await gateway.http.post("/saved-answers/delete", headers=SAME_ORIGIN)
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/saved-answers?deleted=true")
    assert 'impact_answers=""' in pressed.headers["set-cookie"]
    assert (
        "The answers that you had not sent are deleted." in (await gateway.http.get(pressed.headers["location"])).text
    )


async def test_no_other_site_deletes_them(gateway: Gateway) -> None:
    refused = await gateway.http.post("/saved-answers/delete", headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_page_of_cookies_names_them_exactly(start_gateway: StartGateway, scheme: str) -> None:
    gateway = await start_gateway(public_url=f"{scheme}://impact.example")
    page = (await gateway.http.get("/cookies")).text
    prefix = "__Host-" if scheme == "https" else ""
    for name in ("impact_session", "impact_answers"):
        assert f"<code>{prefix}{name}</code>" in page
