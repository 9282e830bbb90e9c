from uuid import UUID

from services.evidence.publications.guides.views import GuideDraftView, GuideView
from shared.events.contracts.evidence import EvidenceChanged
from tests.evidence.publications.guides.writing import published, statement
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

RETRACTION = {"nature": "correction", "on": "2023-04-11", "reasons": ["A table"], "source": "Its publisher"}


async def test_what_is_answered_is_what_the_models_say_whatever_became_of_the_items(world: EvidenceWorld) -> None:
    account, practice, work = [await world.publish(each) for each in (ACCOUNT, PRACTICE, RESEARCH)]
    other = await world.publish(RESEARCH, title="The same work", identifiers=[])
    guide = await published(world, statement(account, practice, work), statement(practice, other))
    path = f"/v1/guides/{guide['id']}"
    await world.done(EDITOR, "POST", f"/v1/evidence/{work}/retract", RETRACTION)
    await world.done(EDITOR, "POST", "/v1/merges", {"into": work, "items": [other]})
    await world.done(EDITOR, "PATCH", f"/v1/evidence/{practice}", {"title": "Clearer"}, If_Match="*")
    await world.hears(EvidenceChanged(item_id=UUID(practice), edition=2))
    flag = f"{path}/statements/{guide['statements'][0]['id']}/citations/{practice}/resolve"
    await world.done(EDITOR, "POST", flag, {"decision": "keep", "because": "Only the title is another."})
    await world.done(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await world.done(EDITOR, "PATCH", path, {"title": "Breaks"}, If_Match="*")
    for model, answer in (
        (GuideView, await world.call(NOBODY, "GET", path)),
        (GuideView, await world.call(NOBODY, "GET", f"{path}/versions/1")),
        (GuideDraftView, await world.call(EDITOR, "GET", f"{path}/draft")),
    ):
        assert model.model_validate_json(answer.content).model_dump(mode="json") == answer.json()
    [first, second] = (await world.done(NOBODY, "GET", path))["statements"]
    shown = {citation["item_id"]: citation for citation in first["citations"]}
    assert (shown[account]["title"], shown[account]["attributed_to"]) == (None, [])
    assert [each["because"] for each in shown[practice]["looked_at"]] == ["Only the title is another."]
    assert shown[work]["retraction"]["nature"] == "correction"
    assert [citation["merged_into"] for citation in second["citations"]] == [None, work]
    assert [flag["reason"] for flag in first["flags"]] == ["withdrawn", "corrected"]
