"""What repeats words that somebody took back waits for an editor, and whoever gave it reads why."""

from shared.callers import person
from shared.persistence.tables import new_id
from tests.evidence.publications.guides.guide_factories import statement
from tests.evidence.publications.quotations.quotations import QUOTE, WORDS, held_back, paper, scan_all
from tests.evidence.world import ACCOUNT, PRACTICE
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Site, text_of
from tests.gateway.web.work.flags.test_pages import only_flag, publish_guide
from tests.support.callers import EDITOR

OTHER = person(new_id())


async def test_editors_and_the_person_see_that_it_is_held_back_and_why(site: Site) -> None:
    evidence = site.evidence
    account = await evidence.publish({**ACCOUNT, "account": WORDS}, OTHER)
    study = await evidence.publish(paper(1, summary=QUOTE), EDITOR)
    own = await evidence.publish({**ACCOUNT, "title": "Ours too", "account": f"As my friend says: {WORDS}"}, CARER)
    await publish_guide(site, statement(await evidence.publish(PRACTICE), conditions=QUOTE))
    await evidence.json(OTHER, "POST", f"/v1/evidence/{account}/withdraw")
    await scan_all(evidence)
    editor, carer = await site.browser("evidence-editor"), await site.browser("carer")
    page = await editor.get("/staff/evidence?status=draft&held_back=true", headers=FROM_HERE)
    assert all(f'href="/staff/evidence/{item}' in page.text for item in (study, own))
    assert "2 items" in text_of(page)
    assert "/v1/exports/evidence" not in page.text
    work = await editor.get("/staff", headers=FROM_HERE)
    assert 'href="/staff/evidence?status=draft&amp;held_back=true"' in work.text
    assert "it repeats words of an account" in await editor.text(f"/staff/evidence/{study}")
    assert "it has words of somebody who has taken them back" in await carer.text(f"/contributions/{own}")
    flag = await editor.text(await only_flag(editor))
    assert "The statement repeats its words" in flag
    await evidence.json(EDITOR, "PATCH", f"/v1/evidence/{study}", {"summary": "Short forms."}, If_Match="*")
    await evidence.json(EDITOR, "POST", f"/v1/evidence/{study}/publish")
    assert await held_back(evidence) == [own]
    assert "it repeats words" not in await editor.text(f"/staff/evidence/{study}")
