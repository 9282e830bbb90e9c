import re

from tests.evidence.world import ACCOUNT
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Site

WITHOUT_WAITING = ("/staff/imports", "/staff/harvests", "/staff/retractions")
"""Pages of files and repositories that were read: how many there ever were is no work that waits."""


async def test_every_queue_says_how_much_waits(site: Site) -> None:
    await site.evidence.json(CARER, "POST", "/v1/evidence", ACCOUNT)
    editor = await site.browser("evidence-editor")
    page = await editor.get("/staff", headers=FROM_HERE)
    assert re.search(r'href="/staff/evidence\?status=draft">Drafts</a>\s*<strong[^>]*>1</strong>', page.text)
    queues = len(re.findall(r'<li>\s*<a [^>]*no-visited-state" href="/staff/', page.text))
    assert page.text.count('impact-queues__total--none">0</strong>') == queues - 1 - len(WITHOUT_WAITING)
    for path in WITHOUT_WAITING:
        assert re.search(rf'href="{path}">[^<]*</a>\s*<span class="impact-meta">', page.text)


async def test_work_is_for_editors(site: Site) -> None:
    carer, stranger = await site.browser("carer"), await site.browser()
    assert (await carer.get("/staff", headers=FROM_HERE)).status_code == 403
    assert 'href="/staff"' not in (await carer.get("/take-part", headers=FROM_HERE)).text
    assert (await stranger.get("/staff", headers=FROM_HERE)).headers["location"].startswith("/sign-in")
