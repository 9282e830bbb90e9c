"""Signing in at a real OpenID Connect provider, npm's oidc-provider, in a real browser."""

import socket
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.platform import Platform, running_platform
from tests.verify.browser.conftest import PageVisit
from tests.verify.programs import npm_file, program

PROVIDER = Path(__file__).with_name("provider.mjs")
SECRET = "a secret: + and %"


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@contextmanager
def provider(port: int, redirect_uri: str) -> Generator[None]:
    """Run the provider while the block runs."""
    npm_file("oidc-provider/package.json")
    command = [program("node"), str(PROVIDER), str(port), redirect_uri]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and line.strip() != "ready":
            pass
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Run a platform that is no demo; its provider starts after it."""
    port = free_port()
    settings = {
        "DEMO": "",
        "OIDC_ISSUER": f"http://127.0.0.1:{port}",
        "OIDC_CLIENT_ID": "impact-web",
        "OIDC_CLIENT_SECRET": SECRET,
        "OIDC_NAME": "your council's account",
        "RATE_LIMIT_FACTOR": "1000",
    }
    folder = tmp_path_factory.mktemp("checkout")
    with running_platform(folder, **settings) as platform, provider(port, f"{platform.url}/sign-in/callback"):
        yield platform


def sign_in(visit: PageVisit, login: str, path: str = "/sign-in") -> list[str]:
    """Sign in as this person of the provider. Returns the callback's address."""
    page, callbacks = visit.page, list[str]()
    page.on("request", lambda request: callbacks.append(request.url) if "/sign-in/callback" in request.url else None)
    visit.open(path)
    page.get_by_role("button", name="Sign in with your council's account").click()
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{visit.url}/**")
    return callbacks


def test_somebody_signs_in_with_the_account_of_their_organisation(visit: PageVisit) -> None:
    sign_in(visit, "jo", "/sessions")
    expect(visit.page.locator("h1")).to_have_text("Where you are signed in")
    expect(visit.page.locator("main")).to_contain_text("Chrome on Linux (this one)")
    assert visit.page.request.get(f"{visit.url}/v1/roles").status == 403
    names = [cookie.get("name", "") for cookie in visit.page.context.cookies(visit.url)]
    assert [name for name in names if "impact" in name] == ["impact_session"]


def test_the_provider_gives_roles(visit: PageVisit) -> None:
    sign_in(visit, "boss")
    expect(visit.page.locator("h1")).to_have_text("You are signed in")
    roles = visit.page.request.get(f"{visit.url}/v1/roles").json()["items"]
    assert [(row["roles"], row["source"]) for row in roles] == [(["administrator"], "issuer")]


def test_what_came_back_once_signs_nobody_in_again(visit: PageVisit, chromium: Browser) -> None:
    (callback,) = sign_in(visit, "jo")
    for context in (chromium.new_context(), visit.page.context):
        context.clear_cookies(name="impact_session")
        page = context.new_page()
        response = page.goto(callback)
        assert response is not None
        assert response.status == 400
        expect(page.locator("h1")).to_have_text("This sign-in was not started in this browser")
        page.get_by_role("link", name="Go to the sign-in page").click()
        expect(page.locator("h1")).to_have_text("Sign in")
        context.close()


def test_whoever_cancels_reads_so(visit: PageVisit) -> None:
    page = visit.page
    visit.open("/sign-in")
    page.get_by_role("button", name="Sign in with your council's account").click()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"{visit.url}/**")
    expect(page.locator("h1")).to_have_text("Your organisation did not sign you in")
