import asyncio
import errno

import pytest
from starlette.datastructures import UploadFile

from gateway.web.work import file_forms
from tests.gateway.web.contributions.world import FROM_HERE, Site, hidden, text_of
from tests.gateway.web.work.files import BAD, RIS, execute, imported, send


async def test_an_editor_sends_a_file_with_topics_and_sees_counts_that_add_up(site: Site) -> None:
    topic = await site.evidence.topic()
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, RIS + BAD + RIS, topics=[topic], publish="yes")
    page = await editor.text(path)
    assert "refs.ris" in page
    assert "Finished" in page
    assert "3 records read: 1 new, 1 already in the library, 1 rejected." in page
    assert "New items are published" in page
    table = await editor.get(f"{path}/outcomes.csv", headers=FROM_HERE)
    assert [line.split(",")[1] for line in table.text.split()[-1:]] == ["1"]
    (item,) = await site.evidence.rows("SELECT status FROM items")
    assert item["status"] == "published"
    assert "1 new, 1 already in the library, 1 rejected" in await editor.text("/staff/imports")


async def test_progress_can_be_looked_at_again_without_a_script(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = (await send(editor, RIS)).headers["location"]
    page = await editor.get(path, headers=FROM_HERE)
    assert "Waiting to be read" in page.text
    assert f'href="{path}">Check again</a>' in page.text
    assert 'data-refresh-seconds="2"' in page.text
    assert 'role="status"' in page.text
    await site.evidence.read_all()
    assert "data-refresh-seconds" not in (await editor.get(path, headers=FROM_HERE)).text


async def test_an_import_that_stands_still_says_so(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = (await send(editor, RIS)).headers["location"]
    assert "There has been no progress" not in await editor.text(path)
    await execute(site, "UPDATE imports SET updated_at = now() - interval '7 minutes', status = 'running'")
    assert "There has been no progress for 7 minutes." in await editor.text(path)


async def test_two_presses_at_once_and_a_reload_import_once_and_another_file_is_another_import(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    key = hidden(await editor.get("/staff/imports", headers=FROM_HERE), "key")
    presses = await asyncio.gather(*(send(editor, RIS * 500, key=key) for _ in range(3)))
    presses.append(await send(editor, RIS * 500, key=key))
    assert {press.status_code for press in presses} == {303}
    assert len({press.headers["location"] for press in presses}) == 1
    corrected = await send(editor, RIS * 501, key=key)
    assert corrected.headers["location"] != presses[0].headers["location"]
    assert (await site.evidence.rows("SELECT count(*) FROM imports"))[0]["count"] == 2


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"", "", "Choose a file"),
        (b"", "empty.ris", "It holds nothing to import."),
        (b"  \n", "empty.ris", "It holds nothing to import."),
        (b"PK\x03\x04 a workbook", "refs.xlsx", "Only plain text can be read."),
        (b"<html><body>Sign in</body></html>", "refs.ris", "It is a web page."),
    ],
)
async def test_a_file_that_is_not_understood_is_refused_at_the_field(
    site: Site, content: bytes, name: str, error: str
) -> None:
    editor = await site.browser("evidence-editor")
    page = await send(editor, content, name, publish="yes")
    assert page.status_code == 422
    assert 'href="#file"' in page.text
    assert error in text_of(page)
    assert 'value="yes" checked' in page.text


async def test_a_format_that_the_file_contradicts_is_refused_at_its_field(site: Site) -> None:
    page = await send(await site.browser("evidence-editor"), RIS, format="bibtex")
    assert (page.status_code, 'href="#format"' in page.text) == (422, True)


async def test_too_many_topics_are_refused_before_anything_is_sent(site: Site) -> None:
    page = await send(await site.browser("evidence-editor"), RIS, topics=[f"{n}" for n in range(21)])
    assert (page.status_code, "Choose at most 20 topics" in page.text) == (422, True)


async def test_a_file_that_is_too_large_is_received_to_its_end_refused_and_leaves_the_other_fields(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_forms, "MEGABYTE", 1024)
    monkeypatch.setattr("gateway.web.work.imports.pages.MEGABYTE", 1024)
    editor = await site.browser("evidence-editor")
    page = await send(editor, RIS * 20_000, publish="yes")
    assert page.status_code == 422
    assert "This file is larger than 50 MB." in text_of(page)
    assert 'value="yes" checked' in page.text
    assert await site.evidence.rows("SELECT 1 FROM imports") == []


async def test_where_the_disk_is_full_nothing_is_kept_and_the_page_says_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_file: UploadFile, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("starlette.datastructures.UploadFile.write", fail)
    page = await send(await site.browser("evidence-editor"), RIS)
    assert (page.status_code, "There is no room for this file" in page.text) == (422, True)


async def test_a_file_whose_session_has_ended_is_not_kept_and_the_page_says_so_before_and_after(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    form = await editor.get("/staff/imports", headers=FROM_HERE)
    assert "if you are signed out before you send it, you have to choose it again" in form.text
    await site.end_sessions()
    response = await send(editor, RIS * 10_000, key=hidden(form, "key"))
    assert response.status_code == 303
    assert response.headers["location"] == "/sign-in?next=%2Fstaff%2Fimports%3Fended%3Dtrue"
    await site.sign_in(editor, "evidence-editor")
    assert "we cannot keep files. Choose it again." in await editor.text("/staff/imports?ended=true")
    assert await site.evidence.rows("SELECT 1 FROM imports") == []


@pytest.mark.parametrize("name", ['odd "näme" \\ & <b>;x.ris', "cyfeiriadau: gofal ŵ 🙂.ris", "a" * 300 + ".ris"])
async def test_a_file_keeps_its_name_whatever_characters_it_has(site: Site, name: str) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, RIS, name=name)
    assert name[:200] in await editor.text(path)


async def test_what_is_no_form_with_a_file_is_refused(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    assert (await editor.send_form("/staff/imports/file", key="x")).status_code == 400
    headers = {**FROM_HERE, "Content-Type": "multipart/form-data; boundary=x"}
    response = await editor.post("/staff/imports/file", content=b"--y\r\n", headers=headers)
    assert response.status_code == 400


async def test_imports_are_for_editors(site: Site) -> None:
    carer, stranger = await site.browser("carer"), await site.browser()
    for path in ("/staff/imports", "/staff/harvests", "/staff/retractions"):
        assert (await carer.get(path, headers=FROM_HERE)).status_code == 403
        assert (await stranger.get(path, headers=FROM_HERE)).headers["location"].startswith("/sign-in")
    assert (await send(carer, RIS, key="x")).status_code == 403
