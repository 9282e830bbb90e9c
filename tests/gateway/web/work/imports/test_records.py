from services.evidence.exchange.withdrawals.jobs import ImportWithdrawer
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden, text_of
from tests.gateway.web.work.files import BAD, RIS, execute, imported
from tests.support.callers import EDITOR

CORRECTED = "TY  - JOUR\r\nTI  - Café au lait\r\nPY  - 2020\r\nER  - "
CSV_FILE = b"Title;Year;DOI\nOne;2020;10.5555/1\n;2021;10.5555/2\n"


async def test_every_record_says_what_became_of_it_and_outcomes_are_addresses(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    await imported(site, editor, RIS)
    path = await imported(site, editor, BAD + RIS.replace(b"ER", b"AB  - What carers say.\nER"))
    page = await editor.text(f"{path}/records")
    assert "Rejected Record 1, line 1 A record without a title It has no title." in page
    assert (
        "Already in the library Record 2, line 5 Breaks that carers want draft It added to the item: summary." in page
    )
    rejected = await editor.get(f"{path}/records?outcome=rejected", headers=FROM_HERE)
    assert "Breaks that carers want" not in rejected.text
    assert 'records?outcome=rejected" aria-current="page"' in rejected.text
    assert "There are none of these." in await editor.text(f"{path}/records?outcome=created")


async def test_a_rejected_record_is_corrected_and_sent_again_once(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, BAD + RIS)
    rejects = await editor.get(f"{path}/rejects", headers=FROM_HERE)
    assert f'href="{path}/rejects/1"' in rejects.text
    assert f'href="/v1{path.removeprefix("/staff")}/rejects?format=original"' in rejects.text
    form = await editor.get(f"{path}/rejects/1", headers=FROM_HERE)
    assert "AB  - Café au lait" in form.text
    values = {"key": hidden(form, "key"), "text": CORRECTED}
    presses = [await editor.send_form(f"{path}/rejects/1", **values) for _ in range(2)]
    assert presses[0].headers["location"] == presses[1].headers["location"]
    assert "It is being read." in await editor.text(presses[0].headers["location"])
    await site.evidence.read_all()
    assert "Record 1 was sent again, and is a new item now." in await editor.text(presses[0].headers["location"])
    assert {item["title"] for item in await site.items()} == {"Café au lait", "Breaks that carers want"}


async def test_the_list_says_of_each_reject_whether_it_was_sent_again(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, BAD + BAD)
    assert "Files with rejected records 1 Some records could not be read" in await editor.text("/staff")
    await _correct(editor, f"{path}/rejects/1", CORRECTED)
    await site.evidence.read_all()
    page = await editor.get(f"{path}/rejects", headers=FROM_HERE)
    shown = text_of(page)
    assert "2 records were rejected. 1 of them was sent again since." in shown
    assert "Record 1 was sent again, and is a new item now. See the item : record 1" in shown
    assert f'href="{path}/rejects/1"' not in page.text
    assert f'href="{path}/rejects/2"' in page.text
    assert "Rejected records 1 See why" in await editor.text(path)
    assert "/staff/imports/" in (await editor.get("/staff/imports?rejects_waiting=true", headers=FROM_HERE)).text
    await _correct(editor, f"{path}/rejects/2", CORRECTED)
    await site.evidence.read_all()
    assert "The library already has this work." in await editor.text(f"{path}/rejects")
    assert "has rejected records that wait" in await editor.text("/staff/imports?rejects_waiting=true")
    assert "Files with rejected records 0 Some records could not be read" in await editor.text("/staff")


async def test_whoever_corrects_a_record_second_sees_the_first_and_keeps_what_they_typed(site: Site) -> None:
    first, second = await site.browser("evidence-editor"), await site.browser("evidence-editor")
    path = f"{await imported(site, first, BAD)}/rejects/1"
    form = await second.get(path, headers=FROM_HERE)
    await _correct(first, path, CORRECTED)
    response = await second.send_form(path, key=hidden(form, "key"), text=CORRECTED.replace("lait", "au & lait"))
    assert response.status_code == 409
    shown = text_of(response)
    assert "Record 1 was sent again. It is being read." in shown
    assert "What you wrote was not sent" in shown
    assert "Café au au & lait" in shown
    assert "<textarea" not in response.text
    await site.evidence.read_all()
    assert len(await site.items()) == 1
    later = await second.get(path, headers=FROM_HERE)
    assert "is a new item now" in text_of(later)
    assert "<textarea" not in later.text


async def test_a_correction_in_which_nothing_could_be_read_is_asked_for_once_more(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, BAD)
    again = await _correct(editor, f"{path}/rejects/1", "no record at all")
    await site.evidence.read_all()
    assert "No record could be read in what was sent for record 1. Correct it once more." in await editor.text(again)
    assert f'href="{path}/rejects/1"' in (await editor.get(again, headers=FROM_HERE)).text


async def test_a_row_of_a_table_is_corrected_under_the_names_of_its_columns(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, CSV_FILE, name="refs.csv")
    form = await editor.get(f"{path}/rejects/2", headers=FROM_HERE)
    assert "Title;Year;DOI\n;2021;10.5555/2" in form.text
    again = await _correct(editor, f"{path}/rejects/2", "Title;Year;DOI\nTwo;2021;10.5555/2")
    await site.evidence.read_all()
    assert "is a new item now" in await editor.text(again)


async def test_a_correction_that_is_empty_or_no_record_is_refused_with_the_text_as_it_was(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, BAD)
    key = hidden(await editor.get(f"{path}/rejects/1", headers=FROM_HERE), "key")
    empty = await editor.send_form(f"{path}/rejects/1", key=key, text=" ")
    assert (empty.status_code, "Write the record" in empty.text) == (422, True)
    other = await editor.send_form(f"{path}/rejects/1", key=key, text="@article{x, title = {A}}")
    assert (other.status_code, 'href="#text"' in other.text, "@article{x" in other.text) == (422, True, True)


async def test_a_correction_is_there_after_signing_in_again(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = f"{await imported(site, editor, BAD + BAD)}/rejects/1"
    key = hidden(await editor.get(path, headers=FROM_HERE), "key")
    await site.end_sessions()
    response = await editor.send_form(path, key=key, text="TI  - What I wrote")
    assert response.headers["location"].startswith("/sign-in?next=")
    await site.sign_in(editor, "evidence-editor")
    assert "TI  - What I wrote" in (await editor.get(path, headers=FROM_HERE)).text
    other = await editor.get(path.removesuffix("1") + "2", headers=FROM_HERE)
    assert "What I wrote" not in other.text


async def test_what_is_not_kept_any_more_says_what_to_do(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, BAD)
    await execute(site, "DELETE FROM import_originals")
    assert "Its text is too long or is no longer kept." in await editor.text(f"{path}/rejects/1")
    assert (await editor.get(f"{path}/rejects/7", headers=FROM_HERE)).status_code == 404


async def test_a_mixed_up_import_is_taken_back_after_saying_what_goes_and_what_stays(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, RIS + RIS.replace(b"/one", b"/two").replace(b"carers", b"nurses"))
    edited = next(item for item in await site.items() if "carers" in item["title"])
    await site.evidence.json(
        EDITOR, "PATCH", f"/v1/evidence/{edited['id']}", {"title": "Breaks for carers"}, If_Match="*"
    )
    page = await editor.get(f"{path}/withdraw", headers=FROM_HERE)
    shown = text_of(page)
    assert "1 item that this import created and nobody has changed or used since." in shown
    assert "An editor has changed it. 1 0" in shown
    assert "Breaks for carers : An editor has changed it." in shown
    values = {"key": hidden(page, "key"), "etag": hidden(page, "etag")}
    for _ in range(2):
        response = await editor.send_form(f"{path}/withdraw", **values)
        assert (response.status_code, response.headers["location"]) == (303, path)
    assert "It is being taken back now." in await editor.text(f"{path}/withdraw")
    await _take_back(site)
    assert "This import was taken back 1 item was withdrawn. 0 fields were emptied again." in await editor.text(path)
    assert [item["status"] for item in await site.items()].count("withdrawn") == 1


async def test_an_import_that_changed_since_it_was_shown_is_shown_again_first(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, RIS)
    response = await editor.send_form(f"{path}/withdraw", key="a", etag='"0"')
    assert response.status_code == 422
    assert "This import has changed since you opened the page." in response.text
    assert hidden(response, "etag") != '"0"'


async def _correct(editor: Browser, path: str, text: str) -> str:
    key = hidden(await editor.get(path, headers=FROM_HERE), "key")
    return (await editor.send_form(path, key=key, text=text)).headers["location"]


async def _take_back(site: Site) -> None:
    while await ImportWithdrawer(site.evidence.app.state.is_applied).process_next_batch(site.evidence.database):
        pass
