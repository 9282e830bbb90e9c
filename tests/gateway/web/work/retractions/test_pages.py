from tests.evidence.exchange.retraction_lists.retraction_watch import csv_file, csv_row, run_worker
from tests.evidence.world import RESEARCH
from tests.gateway.web.contributions.world import FROM_HERE, Site, hidden
from tests.gateway.web.work.files import send

LIST = "/staff/retractions"


async def test_a_list_says_what_it_flagged_and_which_rows_it_could_not_read(site: Site) -> None:
    identifiers = [{"scheme": "doi", "value": "10.5555/held"}]
    item = await site.evidence.publish({**RESEARCH, "identifiers": identifiers})
    rows = csv_file(csv_row("10.5555/held"), csv_row("10.5555/elsewhere"), csv_row("10.5555/held", "Nonsense"))
    editor = await site.browser("evidence-editor")
    path = (await send(editor, rows, "list.csv", LIST, source="A journal")).headers["location"]
    assert "Waiting to be read" in await editor.text(path)
    await run_worker(site.evidence)
    page = await editor.get(path, headers=FROM_HERE)
    assert f'href="/evidence/{item}"' in page.text
    text = await editor.text(path)
    assert "3 rows read: 1 flagged an item, 0 are about items that were already flagged, 1 are about works" in text
    assert "This work was retracted" in text
    assert "A journal" in text
    assert "Row 3, line 4 RetractionNature says 'Nonsense'" in await editor.text(f"{path}/rejects")
    assert "1 flagged an item" in await editor.text(LIST)
    table = await editor.get(f"{path}/rows.csv", headers=FROM_HERE)
    assert "Could not be read,1" in table.text


async def test_the_same_press_twice_reads_a_list_once(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    key = hidden(await editor.get(LIST, headers=FROM_HERE), "key")
    presses = [await send(editor, csv_file(csv_row("10.5555/x")), "list.csv", LIST, key=key) for _ in range(2)]
    assert presses[0].headers["location"] == presses[1].headers["location"]


async def test_an_empty_list_is_refused_and_one_that_is_none_says_so_on_its_page(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    empty = await send(editor, b"", "list.csv", LIST)
    assert (empty.status_code, 'href="#file"' in empty.text) == (422, True)
    path = (await send(editor, b"a,b\n1,2\n", "list.csv", LIST)).headers["location"]
    await run_worker(site.evidence)
    text = await editor.text(path)
    assert "Stopped after errors" in text
    assert "This is not a list of retractions" in text


async def test_a_list_whose_session_has_ended_is_not_kept(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    await site.end_sessions()
    response = await send(editor, csv_file(), "list.csv", LIST, key="k")
    assert response.headers["location"] == "/sign-in?next=%2Fstaff%2Fretractions%3Fended%3Dtrue"
