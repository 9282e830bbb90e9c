from html import unescape
from unittest import mock
from urllib.parse import quote

import pytest

from gateway.http.request import parse
from gateway.web.layout.languages import translate, translations
from gateway.web.layout.refusals import NOT_UNDERSTOOD, REFUSALS
from gateway.web.problem_page import problem_pages
from tests.gateway.test_settings import make_settings
from tests.gateway.world import BROWSER, Gateway, StartGateway


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/v1/evidence/refuses", 405), ("/v1//x", 400)])
async def test_a_browser_reads_a_page_and_a_program_json(gateway: Gateway, path: str, status: int) -> None:
    page = await gateway.http.get(path, headers=BROWSER)
    problem = await gateway.http.get(path)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert (problem.status_code, problem.headers["content-type"]) == (status, "application/problem+json")
    document = problem.json()
    title, _ = REFUSALS.get(document.get("type", "").rpartition("/")[2], (document["title"], ""))
    assert f">{title}</h1>" in page.text
    assert '<html lang="en-GB"' in page.text
    assert page.headers["x-request-id"] in page.text
    assert "style-src 'self'" in page.headers["content-security-policy"]
    assert {"accept", "sec-fetch-mode", "cookie"} <= set(page.headers.get_list("vary", split_commas=True))
    assert page.headers["cache-control"] == "no-store"
    for name in ("www-authenticate", "allow", "ratelimit-policy", "x-content-type-options"):
        assert (name in page.headers) == (name in problem.headers), name


@pytest.mark.parametrize("slug", [*REFUSALS, "consent-missing"])
def test_a_refusal_is_said_in_welsh_where_it_is_known_and_else_marked_as_english(slug: str) -> None:
    problem = {"title": "Of the API", "status": 409, "detail": "Send If-Match.", "type": f"https://x/problems/{slug}"}
    request = parse(
        {
            "type": "http",
            "method": "POST",
            "path": "/guides",
            "query_string": b"",
            "headers": [(b"cookie", b"impact_preferences=language=cy")],
            "raw_path": b"/guides",
        },
        receive=mock.AsyncMock(),
        send=mock.AsyncMock(),
    )
    page = bytes(problem_pages(make_settings())(request, problem).body).decode()
    if slug in REFUSALS:
        for words in REFUSALS[slug]:
            assert words in translations("cy")
            assert translate("cy", words) in unescape(page)
        assert "If-Match" not in page
    else:
        assert '<h1 class="govuk-heading-l" lang="en">Of the API</h1>' in page
        assert 'lang="en">Send If-Match.</p>' in page


async def test_a_browser_that_has_not_signed_in_is_sent_to_sign_in_and_back(gateway: Gateway) -> None:
    for path in ("/v1/claims?everyone=true", "/welcome/x"):
        page = await gateway.http.get(path, headers=BROWSER)
        if page.status_code != 404:
            assert (page.status_code, page.headers["location"]) == (303, f"/sign-in?next={quote(path, '')}")
            assert "www-authenticate" not in page.headers
            assert page.headers["cache-control"] == "no-store"
            assert {"accept", "sec-fetch-mode", "cookie"} <= set(page.headers.get_list("vary", split_commas=True))
    refused = await gateway.http.get("/v1/claims", headers={**BROWSER, "Authorization": "Bearer impact_session_x"})
    assert (refused.status_code, "www-authenticate" in refused.headers) == (401, False)


async def test_a_change_from_a_browser_is_refused_in_json(gateway: Gateway) -> None:
    response = await gateway.http.delete("/v1/claims/x", headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"},
        {"Accept": "text/html,application/xhtml+xml,application/json"},
        {"Accept": "*/*"},
        {**BROWSER, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_a_program_that_also_takes_html_reads_json(gateway: Gateway, headers: dict[str, str]) -> None:
    for path, status in (("/v1/claims", 401), ("/nothing", 404), ("/v1/topics", 200)):
        response = await gateway.http.get(path, headers=headers)
        assert (response.status_code, response.headers["content-type"].endswith("json")) == (status, True)
    navigation = {"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate"}
    assert (await gateway.http.get("/v1/claims", headers=navigation)).status_code == 303


@pytest.mark.parametrize("accept", ["text/html", "text/html; charset=utf-8", "text/html, text/plain;q=0.5"])
async def test_whoever_takes_html_and_no_json_gets_pages(gateway: Gateway, accept: str) -> None:
    topics = await gateway.http.get("/v1/topics", headers={"Accept": accept})
    assert (topics.status_code, topics.headers["location"]) == (303, "/topics")
    missing = await gateway.http.get("/nothing", headers={"Accept": accept})
    assert (missing.status_code, missing.headers["content-type"]) == (404, "text/html; charset=utf-8")
    script = await gateway.http.get("/v1/topics", headers={"Accept": accept, "Sec-Fetch-Mode": "cors"})
    assert script.headers["content-type"] == "application/json"


async def test_a_form_that_is_refused_is_a_page(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    expired = await gateway.http.post("/sessions/sign-out-everywhere", headers=BROWSER)
    assert (expired.status_code, expired.headers["content-type"]) == (401, "text/html; charset=utf-8")
    pages = [await gateway.http.post("/sign-in", headers=BROWSER) for _ in range(60)]
    refused = next(page for page in pages if page.status_code == 429)
    assert refused.headers["content-type"] == "text/html; charset=utf-8"


async def test_too_many_requests_are_a_page_that_says_when_to_come_back(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    # Some of the quota of 30 comes back while it is used.
    pages = [await gateway.http.get("/v1/exports/evidence", headers=BROWSER) for _ in range(60)]
    refused = next(page for page in pages if page.status_code == 429)
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    assert int(refused.headers["retry-after"]) > 0
    assert ">Too many requests</h1>" in refused.text


async def test_an_unexpected_failure_is_a_page_without_its_reason(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the reason")

    monkeypatch.setattr(gateway.app.proxy, "forward", fail)
    page = await gateway.http.get("/v1/evidence/x", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert page.headers["x-request-id"] in page.text
    assert "the reason" not in page.text


async def test_a_problem_whose_page_fails_is_sent_as_it_is(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the template")

    monkeypatch.setattr(gateway.app, "_render_problem", fail)
    for path, status in (("/nothing", 404), ("/v1/claims", 401)):
        response = await gateway.http.get(path, headers=BROWSER)
        assert (response.status_code, response.json()["status"]) == (status, status)
        assert response.headers["content-type"] == "application/problem+json"
        assert ("www-authenticate" in response.headers) == (status == 401)
    assert "the template" in caplog.text


async def test_a_cookie_of_many_fields_breaks_no_page(gateway: Gateway) -> None:
    cookie = {"Cookie": "impact_preferences=" + "&".join(["a=b"] * 40)}
    for path, status in (("/accessibility", 200), ("/nothing", 404)):
        page = await gateway.http.get(path, headers={**BROWSER, **cookie})
        assert (page.status_code, '<html lang="en-GB" class' in page.text) == (status, True)


def test_what_somebody_wrote_is_text_on_the_page() -> None:
    problem = {
        "title": "<script>",
        "status": 422,
        "detail": "<b>`x`</b>",
        "errors": [{"pointer": "?<i>", "detail": "Not <u>"}],
        "type": "https://x/problems/invalid",
    }
    request = parse(
        {"type": "http", "method": "GET", "path": "/v1/<p>", "query_string": b"", "headers": [], "raw_path": b"/"},
        receive=mock.AsyncMock(),
        send=mock.AsyncMock(),
    )
    page = bytes(problem_pages(make_settings())(request, problem).body).decode()
    page = page.replace('<script type="module"', "")
    for markup in ("<script>", "<b>", "<i>", "<u>", '<p>"'):
        assert markup not in page
    assert "<code>?&lt;i&gt;</code> Not &lt;u&gt;" in page
    assert 'href="/problems/invalid"' in page


@pytest.mark.parametrize(("path", "is_page"), [("/guides", True), ("/v1/guides", False)])
def test_bad_fields_are_for_people_on_pages_and_for_programmers_at_the_api(path: str, is_page: bool) -> None:
    errors = [{"pointer": "?topic", "detail": "Input should be a valid UUID"}, {"pointer": "/a", "detail": "Too many."}]
    scope: dict[str, object] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "raw_path": b"",
    }
    request = parse(scope, receive=mock.AsyncMock(), send=mock.AsyncMock())
    problem = {"title": "Bad", "status": 422, "detail": "Correct it.", "type": "https://x/problems/y", "errors": errors}
    page = unescape(bytes(problem_pages(make_settings())(request, problem).body).decode())
    assert ("<li>Too many.</li>" in page, "<code>?topic</code> Input should be a valid UUID" in page) == (
        is_page,
        not is_page,
    )
    assert (f"<li>{NOT_UNDERSTOOD}</li>" in page) == is_page
