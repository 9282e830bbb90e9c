import re
from typing import Any

import httpx

from gateway.identity.personas import BY_KEY
from shared.callers import person
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Browser, Site, hidden, text_of
from tests.support.callers import EDITOR

CODES = {"jbi-narrative": "123456", "practice-provenance": "12345678"}


async def opened(site: Site, browser: Browser, item: dict[str, Any], instrument: str) -> str:
    """Publish an item, open an appraisal of it on its page, and return the address of the appraisal."""
    id = await site.evidence.publish(item, EDITOR if item["way_of_knowing"] == "research" else CARER)
    address = f"/staff/evidence/{id}/appraisals"
    page = await browser.get(address, headers=FROM_HERE)
    response = await browser.send_form(address, key=hidden(page, "key"), instrument=instrument)
    assert response.status_code == 303, text_of(response)
    return response.headers["location"]


async def judge(browser: Browser, address: str, answers: dict[str, str], **values: str) -> httpx.Response:
    page = await browser.get(f"{address}/judge", headers=FROM_HERE)
    filled = {f"answer-{code}": answer for code, answer in answers.items()}
    return await browser.send_form(f"{address}/judge", key=hidden(page, "key"), **filled, **values)


async def send(browser: Browser, path: str, **values: str) -> httpx.Response:
    page = await browser.get(path, headers=FROM_HERE)
    return await browser.send_form(path, key=hidden(page, "key"), etag=hidden(page, "etag"), **values)


def answers(instrument: str = "jbi-narrative", **others: str) -> dict[str, str]:
    return dict.fromkeys(CODES[instrument], "yes") | {name[1:]: answer for name, answer in others.items()}


async def differing(site: Site) -> tuple[str, Browser, Browser]:
    """Two editors have judged an account, and differ in the third question."""
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    address = await opened(site, first_editor, ACCOUNT, "jbi-narrative")
    await judge(first_editor, address, answers(), **{"reason-3": "It is clear to me."})
    await judge(other, address, answers(_3="no"), **{"reason-3": "I could not follow it."})
    return address, first_editor, other


async def third_editor(site: Site, persona: str = "engagement-officer") -> Browser:
    """Return the browser of this persona, who is made an editor."""
    browser = await site.browser(persona)
    await site.gateway.sql("UPDATE people SET roles = array_append(roles, 'evidence_editor')")
    site.gateway.app.credential_cache.clear()
    return browser


async def test_each_kind_of_evidence_has_questions_of_its_own(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    for item, fits, question in (
        (ACCOUNT, "jbi-narrative", "does it come from their own experience?"),
        (PRACTICE, "practice-provenance", "Did people who draw on care and support say how it was for them?"),
        (RESEARCH, "mmat-randomised", "Were the groups alike at the start?"),
    ):
        address = await opened(site, browser, item, fits)
        page = await browser.get(f"{address}/judge", headers=FROM_HERE)
        assert question in text_of(page)
        assert page.text.count("<legend") == page.text.count("<textarea")
    assert "3 appraisals are waiting" in await browser.text("/staff/appraisals")


async def test_an_appraisal_is_opened_once_by_an_instrument_that_fits(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    address = await opened(site, browser, ACCOUNT, "jbi-narrative")
    of_item = address.rpartition("/")[0]
    nothing = await browser.send_form(of_item, key="x")
    assert (nothing.status_code, "Choose the questions that fit" in text_of(nothing)) == (422, True)
    again = await browser.send_form(of_item, key="x", instrument="jbi-narrative")
    assert (again.status_code, "being appraised by this instrument already" in text_of(again)) == (409, False)
    assert "Submit your judgement there" in text_of(again)
    id = of_item.split("/")[3]
    for item in (id, f"https://impact.example/evidence/{id}"):
        moved = await browser.get("/staff/appraisals", params={"item": item}, headers=FROM_HERE)
        assert moved.headers["location"] == of_item
    assert (await browser.get("/staff/appraisals?item=care", headers=FROM_HERE)).status_code == 422


async def test_what_is_not_answered_is_said_at_its_question(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    address = await opened(site, browser, ACCOUNT, "jbi-narrative")
    incomplete = await judge(browser, address, {"1": "yes"}, **{"reason-1": "She says so herself."})
    assert incomplete.status_code == 422
    assert incomplete.text.count('class="govuk-error-message"') == 5
    assert 'href="#answer-2"' in incomplete.text
    assert "She says so herself." in incomplete.text
    long = await judge(browser, address, answers(), **{"reason-1": "x" * 5001})
    assert "Write 5,000 characters or fewer" in text_of(long)


async def test_a_question_that_applies_is_not_skipped(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    address = await opened(site, browser, RESEARCH, "mmat-randomised")
    all_yes = dict.fromkeys(("S1", "S2", "1", "2", "3", "4", "5"), "yes")
    skipped = await judge(browser, address, all_yes | {"4": "not_applicable"})
    assert skipped.status_code == 422
    assert 'href="#answer-4"' in skipped.text
    screened_out = all_yes | {"S2": "no"} | dict.fromkeys("12345", "not_applicable")
    assert (await judge(browser, address, screened_out)).status_code == 303


async def test_two_judge_alone_and_see_each_other_only_then(site: Site) -> None:
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    address = await opened(site, first_editor, ACCOUNT, "jbi-narrative")
    await judge(first_editor, address, answers(), **{"reason-1": "She was there."})
    for path in (address, f"{address}/judge"):
        assert "She was there." not in await other.text(path)
    assert "You have judged" in await first_editor.text(address)
    assert "You have judged it: waiting for somebody else" in await first_editor.text("/staff/appraisals")
    assert "Waiting for a second person" in await other.text("/staff/appraisals")
    judged = await judge(other, address, answers())
    after = await other.text(judged.headers["location"])
    assert "This appraisal is settled" in after
    assert "She was there." in after


async def test_a_judgement_is_given_once(site: Site) -> None:
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    address = await opened(site, first_editor, ACCOUNT, "jbi-narrative")
    page = await first_editor.get(f"{address}/judge", headers=FROM_HERE)
    filled = {f"answer-{code}": answer for code, answer in answers().items()}
    twice = [await first_editor.send_form(f"{address}/judge", key=hidden(page, "key"), **filled) for _ in range(2)]
    assert {response.status_code for response in twice} == {303}
    again = await first_editor.send_form(f"{address}/judge", key="another", **filled)
    assert (again.status_code, "It cannot be changed" in text_of(again)) == (409, True)
    await judge(other, address, answers())
    assert "Two people have judged this already" in await (await third_editor(site)).text(f"{address}/judge")


async def test_a_session_that_ends_keeps_every_answer_and_reason(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    address = await opened(site, browser, ACCOUNT, "jbi-narrative")
    await browser.get(f"{address}/judge", headers=FROM_HERE)
    await site.end_sessions()
    values = {"answer-1": "cannot_tell", "reason-1": "Nobody says whose account it is."}
    response = await browser.send_form(f"{address}/judge", key="x", **values)
    assert response.headers["location"].startswith("/sign-in?next=%2Fstaff%2Fevidence%2F")
    await site.sign_in(browser, "evidence-editor")
    page = await browser.get(f"{address}/judge", headers=FROM_HERE)
    assert 'value="cannot_tell" checked' in page.text
    assert "Nobody says whose account it is." in page.text
    await site.sign_in(browser, "guide-reviewer")
    page = await browser.get(f"{address}/judge", headers=FROM_HERE)
    assert "Nobody says whose" not in page.text, "the answers are their author's, also where both use one browser"


async def test_a_difference_is_proposed_by_one_and_accepted_by_the_other(site: Site) -> None:
    address, first_editor, other = await differing(site)
    page = await first_editor.text(address)
    assert "They gave the same answer to 5 of 6 questions." in page
    assert "they differ" in page
    assert "I could not follow it." in page
    proposed = await send(
        first_editor, f"{address}/settle", **{"answer-3": "yes", "reason-3": "Read together, it is clear."}
    )
    assert proposed.headers["location"] == f"{address}?done=settled"
    assert "Propose something else instead" in await first_editor.text(address)
    assert "You proposed this yourself" in await first_editor.text(f"{address}/answer")
    assert "A proposal is waiting for an answer" in await other.text("/staff/appraisals")
    accepted = await send(other, f"{address}/answer", decision="accept")
    text = await other.text(accepted.headers["location"])
    assert "This appraisal is settled" in text
    assert "Read together, it is clear." in text
    late = await other.text(f"{address}/settle")
    assert "There is nothing to settle" in late


async def test_a_proposal_is_declined_with_the_reason_and_a_third_decides(site: Site) -> None:
    address, first_editor, other = await differing(site)
    await send(first_editor, f"{address}/settle", **{"answer-3": "yes", "reason-3": "It is clear."})
    silent = await send(other, f"{address}/answer", decision="decline")
    assert (silent.status_code, "Say why you do not agree" in text_of(silent)) == (422, True)
    declined = await send(other, f"{address}/answer", decision="decline", because="The order is lost.")
    assert "The order is lost." in await first_editor.text(declined.headers["location"])
    third = await third_editor(site)
    assert "Decide, as a third person" in await third.text(address)
    unreasoned = await send(third, f"{address}/settle", **{"answer-3": "cannot_tell"})
    assert (unreasoned.status_code, "Give the reason" in text_of(unreasoned)) == (422, True)
    decided = await send(third, f"{address}/settle", **{"answer-3": "cannot_tell", "reason-3": "It skips a year."})
    assert "This appraisal is settled" in await third.text(decided.headers["location"])


async def test_a_proposal_that_was_replaced_is_not_accepted_unseen(site: Site) -> None:
    address, first_editor, other = await differing(site)
    await send(first_editor, f"{address}/settle", **{"answer-3": "yes", "reason-3": "It is clear."})
    page = await other.get(f"{address}/answer", headers=FROM_HERE)
    await send(first_editor, f"{address}/settle", **{"answer-3": "cannot_tell", "reason-3": "Now I doubt it."})
    values = {"key": hidden(page, "key"), "etag": hidden(page, "etag"), "decision": "accept"}
    late = await other.send_form(f"{address}/answer", **values)
    assert late.status_code == 412
    assert "Now I doubt it." in text_of(late)
    assert 'value="accept" checked' in late.text


async def test_who_told_it_does_not_judge_it(site: Site) -> None:
    first_editor, carer = await site.browser("evidence-editor"), await third_editor(site, "carer")
    address = await opened(site, first_editor, ACCOUNT, "jbi-narrative")
    refused = await judge(carer, address, answers())
    assert refused.status_code in (403, 422)
    assert "Ask two others to appraise it" in text_of(refused)


async def test_how_far_people_agree_is_a_sentence_a_chart_and_a_table(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    assert "No item has been judged by two people yet." in await browser.text("/staff/appraisals/agreement")
    await differing(site)
    page = await browser.get("/staff/appraisals/agreement", headers=FROM_HERE)
    assert "gave the same answer to 5 of 6 questions." in text_of(page)
    assert "<svg" in page.text
    assert "JBI, narrative" in text_of(page)
    table = await browser.get("/staff/appraisals/agreement.csv", headers=FROM_HERE)
    assert table.text.splitlines()[1] == '"JBI, narrative",83,6,1,0,0.00'


async def test_only_editors_appraise(site: Site) -> None:
    address, _, _ = await differing(site)
    carer = await site.browser("carer")
    for path in ("/staff/appraisals", "/staff/appraisals/agreement", address, f"{address}/judge", f"{address}/settle"):
        assert (await carer.get(path, headers=FROM_HERE)).status_code == 403
    assert re.search("3[0-9]{2}|403", str((await carer.send_form(f"{address}/answer", decision="accept")).status_code))


async def test_whoever_gave_an_account_reads_who_judges_it_in_place_of_a_button(site: Site) -> None:
    giver = person(BY_KEY["evidence-editor"].id)
    id = await site.evidence.publish(ACCOUNT, giver)
    own, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    page = await other.get(f"/staff/evidence/{id}/appraisals", headers=FROM_HERE)
    created = await other.send_form(
        f"/staff/evidence/{id}/appraisals", key=hidden(page, "key"), instrument="jbi-narrative"
    )
    address = created.headers["location"]
    assert "Two other evidence editors do" in await own.text(address)
    shown = [await browser.get(address, headers=FROM_HERE) for browser in (own, other)]
    assert [f'href="{address}/judge"' in page.text for page in shown] == [False, True]
