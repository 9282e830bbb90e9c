from typing import Any

import pytest

from shared.persistence.tables import new_id
from tests.evidence.publications.guides.guide_factories import (
    RETRACTED,
    REVIEWER,
    change_item,
    create_draft,
    guide_content,
    list_flags,
    publish_guide,
    statement,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def test_an_item_withdrawn_between_draft_and_publication_is_refused_in_its_place(world: EvidenceWorld) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    guide = await create_draft(world, statement(practice), statement(practice, account))
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    problem = await world.problem(REVIEWER, "POST", f"/v1/guides/{guide}/publish")
    assert (problem["status"], problem["title"]) == (409, "Some of what this guide cites cannot be cited")
    assert [error["pointer"] for error in problem["errors"]] == ["/statements/1/citations/1"]
    draft = await world.json(EDITOR, "GET", f"/v1/guides/{guide}/draft")
    assert [error["pointer"] for error in draft["obstacles"]] == ["/statements/1/citations/1"]
    changed = await world.json(EDITOR, "PATCH", f"/v1/guides/{guide}", {"summary": "Still writing."}, If_Match="*")
    assert changed["summary"] == "Still writing."


@pytest.mark.parametrize("state", ["draft", "withdrawn", "nothing", "twice", "no such edition"])
async def test_only_an_edition_of_a_published_item_can_be_cited_and_once(world: EvidenceWorld, state: str) -> None:
    item = await world.publish(PRACTICE)
    impossible: dict[str, Any] = {"item_id": item}
    match state:
        case "draft":
            impossible["item_id"] = await world.draft(ACCOUNT)
        case "withdrawn":
            impossible["item_id"] = await world.publish(ACCOUNT)
            await world.json(CARER, "POST", f"/v1/evidence/{impossible['item_id']}/withdraw")
        case "nothing":
            impossible["item_id"] = str(new_id())
        case "no such edition":
            impossible["edition"] = 7
        case _:
            pass
    citations = [{"item_id": item}, impossible] if state == "twice" else [impossible]
    body = await guide_content(world, statement(citations=citations))
    problem = await world.problem(EDITOR, "POST", "/v1/guides", body)
    assert problem["status"] == 422
    assert [error["pointer"] for error in problem["errors"]] == [f"/statements/0/citations/{len(citations) - 1}"]


async def test_a_retracted_work_is_cited_only_with_what_it_is_doing_there(world: EvidenceWorld) -> None:
    paper = await world.publish(RESEARCH)
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    bare = await guide_content(world, statement(paper))
    problem = await world.problem(EDITOR, "POST", "/v1/guides", bare)
    assert problem["errors"][0]["pointer"] == "/statements/0/citations/0"
    why = [{"item_id": paper, "why": "Still quoted everywhere; here is why it does not count."}]
    guide = await publish_guide(world, statement(citations=why))
    assert [flag["reason"] for flag in guide["statements"][0]["flags"]] == ["retracted"]


async def test_an_earlier_edition_can_be_cited_and_is_flagged_when_it_is_published(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    await change_item(world, practice, what_happened="Another end.")
    await publish_guide(world, statement(citations=[{"item_id": practice, "edition": 1}]))
    assert [flag["reason"] for flag in await list_flags(world)] == ["changed"]
