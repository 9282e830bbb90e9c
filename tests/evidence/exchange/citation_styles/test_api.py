"""Citations and lists of references over HTTP."""

from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_an_item_is_cited_in_a_style(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    response = await world.call(NOBODY, "GET", f"/v1/evidence/{item}/citation?style=apa&format=html")
    body = response.json()
    assert (body["style"], body["format"]) == ("apa", "html")
    assert body["citation"].startswith("Mary. (")
    assert f"http://testserver/evidence/{item}" in body["citation"]
    assert "last-modified" in response.headers


async def test_a_style_that_is_not_known_is_refused_with_the_list(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    problem = await world.problem(NOBODY, "GET", f"/v1/evidence/{item}/citation?style=unknown")
    assert problem["status"] == 422
    styles = await world.json(NOBODY, "GET", "/v1/exports/citation-styles")
    assert all(style["style"] in problem["detail"] for style in styles["items"])


async def test_chosen_items_are_a_list_of_references(world: EvidenceWorld) -> None:
    ids = [await world.publish(item) for item in (RESEARCH, ACCOUNT, PRACTICE)]
    withdrawn = await world.publish(PRACTICE, title="Gone")
    await world.json(CARER, "POST", f"/v1/evidence/{withdrawn}/withdraw")
    query = "&".join(f"id={item_id}" for item_id in (*reversed(ids), withdrawn))
    references = await world.json(NOBODY, "GET", f"/v1/exports/references?style=harvard&{query}")
    assert [reference["id"] for reference in references["items"]] == list(reversed(ids))
    assert references["left_out"] == [withdrawn]
    assert references["items"][1]["citation"].startswith("Mary (")
    assert (await world.problem(NOBODY, "GET", f"/v1/exports/references?style=no&{query}"))["status"] == 422


async def test_a_withdrawn_item_and_a_draft_are_not_cited(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    assert (await world.problem(NOBODY, "GET", f"/v1/evidence/{item}/citation"))["status"] == 410
    draft = await world.draft(RESEARCH)
    assert (await world.problem(EDITOR, "GET", f"/v1/evidence/{draft}/citation"))["status"] == 404
