"""Deciding about an answer that stands on something in doubt, and filing a question."""

from typing import Any
from uuid import UUID

from services.evidence.publications.requests.doubts.commands import flag_answers_with_item
from tests.evidence.world import ACCOUNT
from tests.gateway.web.contributions.world import Site, text_of
from tests.gateway.web.work.questions.world import (
    ANSWER,
    ASKER,
    ME,
    PATH,
    PUBLIC,
    WORK,
    ask,
    call,
    editor_of,
    publish_study,
    question_of,
)
from tests.support.callers import CARER, EDITOR


async def doubted(site: Site, *items: str) -> str:
    id = await ask(site.evidence)
    await call(site, ME, id, "answer", {"answer": ANSWER, "items": list(items)})
    await call(site, ME, id, "publish", {"question": PUBLIC})
    return id


async def settle(site: Site, item: str) -> None:
    """Flag the answers that cite the item, as the worker does."""
    async with site.evidence.database.transaction() as uow:
        await flag_answers_with_item(uow, UUID(item))


async def test_an_editor_sees_what_changed_and_keeps_the_answer_with_a_reason(site: Site) -> None:
    study = await publish_study(site)
    id = await doubted(site, study)
    changes: Any = {"summary": "A trial of regular breaks for a son who cares."}
    await site.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{study}", changes, If_Match="*")
    await settle(site, study)
    editor = await editor_of(site)
    assert "1 in total" in await editor.text(f"{WORK}?in_doubt=true")
    path = f"{WORK}/{id}/decide/1"
    assert f'href="{path}"' in (await editor.get(f"{WORK}/{id}")).text
    page = await editor.get(path)
    assert ("<del>daughter</del>" in page.text, "<ins>son</ins>" in page.text) == (True, True)
    empty = await editor.press(page, path)
    assert (empty.status_code, "Say why" in text_of(empty)) == (422, True)
    decided = await editor.press(page, path, decision="keep", because="It says the same of sons.")
    assert "Your decision is recorded." in text_of(await editor.follow(decided))
    assert (await editor.press(page, path, decision="keep", because="It says the same of sons.")).status_code == 303
    (turn,) = (await question_of(site, id))["turns"]
    assert [decision["because"] for decision in turn["decisions"]] == ["It says the same of sons."]
    assert "Your decision is recorded." not in await editor.text(path)


async def test_an_answer_on_what_was_withdrawn_is_written_anew(site: Site) -> None:
    account = await site.evidence.publish(ACCOUNT)
    id = await doubted(site, account)
    await site.evidence.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await settle(site, account)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/decide/1"
    page = await editor.get(path)
    assert ('value="keep"' in page.text, "the answer cannot stay as it is" in text_of(page)) == (False, True)
    values = {"because": "The account was taken back.", "answer": "Plan a break.", "public_answer": "Plan a break."}
    await editor.follow(await editor.press(page, path, **values))
    question = await question_of(site, id)
    assert (question["turns"][0]["answer"], question["public"]["answer"]) == ("Plan a break.", "Plan a break.")
    assert question["turns"][0]["cites"] == []


async def test_a_decision_about_what_has_changed_again_is_not_made_and_not_lost(site: Site) -> None:
    study = await publish_study(site)
    id = await doubted(site, study)
    await site.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{study}", {"summary": "A trial."}, If_Match="*")
    await settle(site, study)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/decide/1"
    page = await editor.get(path)
    await site.evidence.json(EDITOR, "POST", f"/v1/evidence/{study}/withdraw")
    await settle(site, study)
    conflict = await editor.press(page, path, decision="keep", because="It says the same.")
    text = text_of(conflict)
    assert (conflict.status_code, "Your decision was not recorded." in text) == (412, True)
    assert ("It says the same." in conflict.text, "What is in doubt" in text) == (True, True)
    assert 'value="keep"' not in conflict.text
    values = {"decision": "revise", "because": "It was withdrawn.", "answer": "Nothing is known.", "public_answer": ""}
    await editor.follow(await editor.press(conflict, path, **values))
    assert (await question_of(site, id))["public"] is None


async def test_a_decision_is_there_again_after_the_session_has_ended(site: Site) -> None:
    study = await publish_study(site)
    id = await doubted(site, study)
    await site.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{study}", {"summary": "A trial."}, If_Match="*")
    await settle(site, study)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/decide/1"
    page = await editor.get(path)
    await site.end_sessions()
    response = await editor.press(page, path, decision="keep", because="It says the same.")
    assert response.headers["location"].startswith("/sign-in")
    await site.sign_in(editor.browser, "evidence-editor")
    page = await editor.get(path)
    assert "It says the same." in page.text
    await editor.follow(await editor.press(page, path))
    assert not (await question_of(site, id))["is_being_looked_at"]


async def test_a_question_is_filed_and_what_others_filed_meanwhile_is_shown(site: Site) -> None:
    breaks, nights = await site.evidence.topic("Breaks"), await site.evidence.topic("Nights")
    id = await ask(site.evidence, topics=[breaks], country="BR")
    editor = await editor_of(site)
    path = f"{WORK}/{id}/topics"
    page = await editor.get(path)
    assert ('value="BR" selected' in page.text, f'value="{breaks}" checked' in page.text) == (True, True)
    values = {"topics": [breaks, nights], "setting": "home care", "country": "GB-WLS"}
    await editor.follow(await editor.press(page, path, **values))
    assert (await editor.press(page, path, **values)).status_code == 303
    question = await question_of(site, id)
    assert (set(question["topics"]), question["country"]) == ({breaks, nights}, "GB-WLS")
    form = await editor.get(path)
    await site.evidence.json(ASKER, "PATCH", f"{PATH}/{id}", {"urgency": "today"}, If_Match="*")
    conflict = await editor.press(form, path, topics=nights, setting="", country="")
    text = text_of(conflict)
    assert (conflict.status_code, "How soon it is needed" in text, "Today" in text) == (412, True, True)
    await editor.follow(await editor.press(conflict, path))
    question = await question_of(site, id)
    assert (question["topics"], question["setting"], question["country"]) == ([nights], None, None)
    refused = await editor.press(await editor.get(path), path, country="Wales", setting="a" * 121)
    assert refused.status_code == 422
