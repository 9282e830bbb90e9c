from uuid import UUID

from services.evidence.publications.guides.views import GuideDraftView, GuideView
from shared.events.contracts.evidence import EvidenceChanged
from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

RETRACTION = {"nature": "correction", "on": "2023-04-11", "reasons": ["A table"], "source": "Its publisher"}


async def test_what_is_answered_is_what_the_models_say_whatever_became_of_the_items(world: EvidenceWorld) -> None:
    account, practice, work = [await world.publish(body) for body in (ACCOUNT, PRACTICE, RESEARCH)]
    other = await world.publish(RESEARCH, title="The same work", identifiers=[])
    guide = await publish_guide(world, statement(account, practice, work), statement(practice, other))
    path = f"/v1/guides/{guide['id']}"
    await world.json(EDITOR, "POST", f"/v1/evidence/{work}/retract", RETRACTION)
    await world.json(EDITOR, "POST", "/v1/merges", {"into": work, "items": [other]})
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{practice}", {"title": "Clearer"}, If_Match="*")
    await world.handle(EvidenceChanged(item_id=UUID(practice), edition=2))
    flag = f"{path}/statements/{guide['statements'][0]['id']}/citations/{practice}/resolve"
    keep = {"decision": "keep", "because": "Only the title is another."}
    await world.json(EDITOR, "POST", flag, keep, If_Match=await world.tag(path))
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await world.json(EDITOR, "PATCH", path, {"title": "Breaks"}, If_Match="*")
    for model, response in (
        (GuideView, await world.call(NOBODY, "GET", path)),
        (GuideView, await world.call(NOBODY, "GET", f"{path}/versions/1")),
        (GuideDraftView, await world.call(EDITOR, "GET", f"{path}/draft")),
    ):
        assert model.model_validate_json(response.content).model_dump(mode="json") == response.json()
    [first, second] = (await world.json(NOBODY, "GET", path))["statements"]
    by_item = {citation["item_id"]: citation for citation in first["citations"]}
    assert (by_item[account]["title"], by_item[account]["attributed_to"]) == (None, [])
    assert [issue["because"] for issue in by_item[practice]["accepted_issues"]] == ["Only the title is another."]
    assert by_item[work]["retraction"]["nature"] == "correction"
    assert [citation["merged_into"] for citation in second["citations"]] == [None, work]
    assert [flag["reason"] for flag in first["flags"]] == ["withdrawn", "corrected"]
