from typing import Any

import pytest

from tests.evidence.exchange.harvests.provider import page as page_of
from tests.evidence.exchange.harvests.provider import pages, provider, record, run_all, work
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden, text_of
from tests.support.callers import EDITOR

GOOD, BAD = work("oai:x:1", "Lyrebird study"), record("oai:x:2", ("creator", "A. Okoro"))


async def _add(browser: Browser, url: str, **fields: Any) -> Any:
    form = await browser.get("/staff/harvests/new", headers=FROM_HERE)
    values = {"key": hidden(form, "key"), "base_url": url, "metadata_prefix": "oai_dc", "publish": "no"}
    return await browser.send_form("/staff/harvests/new", **{**values, "every_hours": "24", **fields})


@pytest.fixture(autouse=True)
def allow_private_addresses(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.evidence.app.state.settings, "harvest_private_addresses", True)


async def test_a_repository_is_added_harvested_and_its_records_are_followed(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    async with provider(pages(page_of(GOOD, BAD))) as source:
        path = (await _add(editor, source.url, publish="yes")).headers["location"]
        assert "A run starts in a moment." in await editor.text(path)
        await run_all(site.evidence)
    page = await editor.text(path)
    assert "2 records received: 1 new, 0 already in the library or unchanged, 0 changed an item, 0 deleted" in page
    assert "every 24 hours; next on" in page
    assert "are published" in page
    assert "2 records received:" in await editor.text("/staff/harvests")
    assert "Everything, from the beginning · 1 page" in await editor.text(f"{path}/runs")
    assert "New item oai:x:1 Lyrebird study" in await editor.text(f"{path}/records")
    assert "There are none of these." in await editor.text(f"{path}/records?outcome=matched")
    table = await editor.get(f"{path}/outcomes.csv", headers=FROM_HERE)
    assert "Could not be stored,1" in table.text


async def test_a_record_in_quarantine_is_shown_with_its_reason_and_tried_again(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    async with provider(pages(page_of(BAD))) as source:
        path = (await _add(editor, source.url)).headers["location"]
        await run_all(site.evidence)
    page = await editor.get(f"{path}/quarantine", headers=FROM_HERE)
    assert "oai:x:2 It has no title." in text_of(page)
    assert "&lt;dc:creator&gt;A. Okoro" in page.text
    retry = page.text.partition(f'action="{path}/quarantine/')[2].partition('"')[0]
    still = await editor.send_form(f"{path}/quarantine/{retry}", key=hidden(page, "key"))
    assert (still.status_code, "It stays in quarantine" in still.text) == (422, True)
    async with site.evidence.database.session() as session, session.begin():
        connection = await session.connection()
        await connection.exec_driver_sql(
            "UPDATE quarantined_records SET raw = replace(raw, 'creator>A. Okoro</dc:creator', 'title>Now</dc:title')"
        )
    stored = f"{path}/quarantine?stored=created"
    for _ in range(2):
        done = await editor.send_form(f"{path}/quarantine/{retry}", key="second")
        assert done.headers["location"] == stored
    assert "is a new item now. Records that could not be stored All records could" in await editor.text(stored)


async def test_what_is_wrong_with_a_repository_stands_at_its_field(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    empty = await _add(editor, "", every_hours="0", metadata_prefix="x")
    assert empty.status_code == 422
    for name in ("base_url", "every_hours", "metadata_prefix"):
        assert f'href="#{name}"' in empty.text
    refused = await _add(editor, "ftp://example.org", set_spec="two words")
    assert refused.status_code == 422
    assert 'href="#base_url"' in refused.text
    assert 'href="#set_spec"' in refused.text
    assert 'value="ftp://example.org"' in refused.text


async def test_a_press_that_is_repeated_adds_one_repository_and_a_run_that_goes_on_is_left_alone(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    first, second = [await _add(editor, "https://repository.example.org/oai", key="same") for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    path = first.headers["location"]
    assert (await editor.send_form(f"{path}/runs", key="a")).headers["location"] == f"{path}?done=run"
    assert "A run starts in a moment." in await editor.text(path)


async def test_settings_are_changed_and_what_somebody_else_changed_is_shown_beside(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = (await _add(editor, "https://repository.example.org/oai")).headers["location"]
    form = await editor.get(f"{path}/edit", headers=FROM_HERE)
    api = path.replace("/staff", "/v1")
    await site.evidence.json(EDITOR, "PATCH", api, {"every_hours": 7}, If_Match="*")
    values = {"key": "k", "etag": hidden(form, "etag"), "publish": "yes", "every_hours": ""}
    conflict = await editor.send_form(f"{path}/edit", **values)
    assert conflict.status_code == 422
    assert "Current setting: How often, in hours? 7" in text_of(conflict)
    assert 'value="yes" checked' in conflict.text
    saved = await editor.send_form(f"{path}/edit", **{**values, "etag": hidden(conflict, "etag")})
    assert saved.headers["location"] == f"{path}?done=saved"
    assert "only when somebody asks for it" in await editor.text(path)


async def test_what_was_written_is_there_after_signing_in_again(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    await site.end_sessions()
    values = {"base_url": "https://kept.example.org/oai", "every_hours": "5", "publish": "no", "key": "k"}
    assert (await editor.send_form("/staff/harvests/new", **values)).headers["location"].startswith("/sign-in")
    await site.sign_in(editor, "evidence-editor")
    assert "https://kept.example.org/oai" in (await editor.get("/staff/harvests/new", headers=FROM_HERE)).text


async def test_a_repository_is_ended_after_saying_what_stays(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = (await _add(editor, "https://repository.example.org/oai")).headers["location"]
    page = await editor.get(f"{path}/delete", headers=FROM_HERE)
    assert "The items from this repository stay" in page.text
    stale = await editor.send_form(f"{path}/delete", etag='"0"')
    assert stale.status_code == 422
    for _ in range(2):
        done = await editor.send_form(f"{path}/delete", etag=hidden(page, "etag"))
        assert done.headers["location"] == "/staff/harvests?ended=true"
    assert (await editor.get(path, headers=FROM_HERE)).status_code == 410
