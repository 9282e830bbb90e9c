from tests.evidence.library.works.duplicates.groups import compare_all, decide, doi, groups, members, publish_similar
from tests.evidence.world import RESEARCH, EvidenceWorld, counts, data
from tests.support.callers import CARER, EDITOR

PROBLEM = "http://testserver/problems/"


async def test_near_duplicates_come_up_once_side_by_side_with_the_reasons(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    await world.publish(RESEARCH, title="Something else altogether about day centres", identifiers=[])
    [group] = await groups(world)
    assert members(group) == {first, second}
    [pair] = group["pairs"]
    assert (pair["judgement"], pair["decision"]) == ("duplicate", None)
    assert "The titles differ by a spelling." in pair["reasons"]
    assert group["suggested"] in (first, second)
    assert (await world.json(EDITOR, "GET", f"/v1/duplicates/{group['id']}")) == group


async def test_an_import_that_slips_past_the_identifiers_is_found(world: EvidenceWorld) -> None:
    existing = await world.publish(RESEARCH)
    ris = (
        b"TY  - JOUR\nTI  - Replacement care & the health of carers\nAU  - Okoro, A.\nAU  - Lind, B.\nPY  - 2021\n"
        b"JF  - J Invented Stud\nER  - \n"
    )
    job = await world.import_file(ris, publish="true")
    assert (job["created"], job["matched"]) == (1, 0)
    [group] = await groups(world)
    assert existing in members(group)
    assert group["suggested"] == existing


async def test_one_decision_covers_the_whole_group(world: EvidenceWorld) -> None:
    first, *others = await publish_similar(world, 4)
    [group] = await groups(world)
    assert members(group) == {first, *others}
    decided = await decide(world, group, merge={"into": first})
    assert (decided["status"], members(decided)) == ("decided", {first})
    for other in others:
        response = await world.call(EDITOR, "GET", f"/v1/evidence/{other}")
        assert (response.status_code, response.headers["location"]) == (308, f"/v1/evidence/{first}")
    assert await groups(world) == []
    [merged] = (await world.json(EDITOR, "GET", "/v1/merges"))["items"]
    assert {item["item_id"] for item in merged["items"]} == set(others)


async def test_a_pair_called_different_never_comes_back(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    [group] = await groups(world)
    assert (await decide(world, group, different=[second]))["status"] == "decided"
    for item in (first, second):
        await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"volume": "12"}, If_Match="*")
    assert await groups(world) == []
    path = f"/v1/duplicates/{group['id']}"
    tag = await world.tag(path)
    refused = await world.problem(EDITOR, "POST", f"{path}/decide", {"different": [second]}, If_Match=tag)
    assert refused["type"] == PROBLEM + "group-decided"


async def test_a_new_member_opens_the_group_again(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    [group] = await groups(world)
    await decide(world, group, merge={"into": first})
    third = await world.publish(RESEARCH, title="Replacement  care and the healths of carers", identifiers=[])
    [again] = await groups(world)
    assert (again["id"], members(again)) == (group["id"], {first, third})
    assert second not in members(again)


async def test_what_a_decision_does_not_name_stays_to_be_decided(world: EvidenceWorld) -> None:
    first, second, third, fourth = await publish_similar(world, 4)
    [group] = await groups(world)
    left = await decide(world, group, merge={"into": first, "items": [second]}, different=[fourth])
    assert (left["status"], members(left)) == ("open", {first, third})
    [still] = await groups(world)
    assert members(still) == {first, third}


async def test_a_decision_on_a_merged_item_holds_for_its_survivor(world: EvidenceWorld) -> None:
    first, second, third = await publish_similar(world, 3)
    [group] = await groups(world)
    await decide(world, group, different=[third])
    [rest] = await groups(world)
    assert members(rest) == {first, second}
    await decide(world, rest, merge={"into": second})
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{second}", {"volume": "12"}, If_Match="*")
    assert await groups(world) == []


async def test_an_undone_merge_is_to_be_decided_again(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    [group] = await groups(world)
    await decide(world, group, merge={"into": first})
    [merged] = (await world.json(EDITOR, "GET", "/v1/merges"))["items"]
    await world.undo_merge(merged["id"])
    [again] = await groups(world)
    assert members(again) == {first, second}


async def test_a_withdrawn_member_leaves_and_a_group_of_one_is_none(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    [group] = await groups(world)
    await world.json(CARER, "POST", f"/v1/evidence/{second}/withdraw")
    assert members(await world.json(EDITOR, "GET", f"/v1/duplicates/{group['id']}")) == {first}
    assert await groups(world) == []


async def test_a_correction_takes_a_work_out_of_its_group(world: EvidenceWorld) -> None:
    _, second = await publish_similar(world)
    assert len(await groups(world)) == 1
    change = {"title": "Part II: day centres", "identifiers": doi("10.5555/day.2")}
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{second}", change, If_Match="*")
    assert await groups(world) == []


async def test_decisions_that_say_nothing_or_both_are_refused(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    stranger = await world.publish(RESEARCH, title="Day centres of the north", identifiers=[])
    [group] = await groups(world)
    path = f"/v1/duplicates/{group['id']}"
    tag = await world.tag(path)
    for body, problem in (
        ({}, "nothing-decided"),
        ({"merge": {"into": first, "items": [first]}}, "nothing-decided"),
        ({"merge": {"into": first, "items": [second]}, "different": [second]}, "nothing-decided"),
        ({"different": [stranger]}, "not-a-member"),
    ):
        assert (await world.problem(EDITOR, "POST", f"{path}/decide", body, If_Match=tag))["type"] == PROBLEM + problem


async def test_nobody_decides_about_members_that_they_have_not_read(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    [group] = await groups(world)
    path, body = f"/v1/duplicates/{group['id']}", {"merge": {"into": first}}
    tag = await world.tag(path)
    for header in ({}, {"If_Match": "*"}, {"If_Match": f'{tag}, "1"'}):
        assert (await world.problem(EDITOR, "POST", f"{path}/decide", body, **header))["status"] == 428
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{second}", {"volume": "12"}, If_Match="*")
    refused = await world.problem(EDITOR, "POST", f"{path}/decide", body, If_Match=tag)
    assert (refused["status"], (await world.json(EDITOR, "GET", path))["status"]) == (412, "open")
    seen = await world.call(EDITOR, "GET", path)
    assert {member["id"]: member["volume"] for member in seen.json()["members"]}[second] == "12"
    decided = await world.call(EDITOR, "POST", f"{path}/decide", body, If_Match=seen.headers["etag"])
    assert (decided.status_code, decided.json()["status"]) == (200, "decided")
    assert decided.headers["etag"] == await world.tag(path)


async def test_drafts_are_compared_too_and_only_editors_see_groups(world: EvidenceWorld) -> None:
    published = await world.publish(RESEARCH, identifiers=[])
    draft = await world.draft(RESEARCH, title="Replacement care and the health of carerss", identifiers=[])
    [group] = await groups(world)
    assert members(group) == {published, draft}
    assert group["suggested"] == published
    assert (await world.call(CARER, "GET", "/v1/duplicates")).status_code == 403


async def test_sure_ones_can_be_decided_first(world: EvidenceWorld) -> None:
    first, second = await publish_similar(world)
    for end in ("", ": what nobody knew"):
        await world.publish(RESEARCH, title=f"Day centres in the north of England{end}", identifiers=[])
    await compare_all(world)
    sure = await world.json(EDITOR, "GET", "/v1/duplicates?judgement=duplicate")
    assert [members(group) for group in sure["items"]] == [{first, second}]
    maybe = await world.json(EDITOR, "GET", "/v1/duplicates?judgement=maybe&count=true")
    assert (maybe["total"], members(maybe["items"][0]) & {first, second}) == (1, set())


async def test_groups_are_found_by_topic(world: EvidenceWorld) -> None:
    above = await world.topic("Support")
    below, other = await world.topic("Breaks", above), await world.topic("Homes")
    first, _ = await publish_similar(world)
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{first}", {"topics": [below]}, If_Match="*")
    await compare_all(world)
    by_topic = [(await world.json(EDITOR, "GET", f"/v1/duplicates?topic={topic}"))["items"] for topic in (above, other)]
    assert [len(groups) for groups in by_topic] == [1, 0]
    assert (await world.call(EDITOR, "GET", f"/v1/duplicates?topic={first}")).status_code == 404


async def test_groups_are_paged(world: EvidenceWorld) -> None:
    for subject in ("breaks at the seaside", "meals brought to the door", "lifts that always work"):
        for end in ("", "s"):
            await world.publish(RESEARCH, title=f"What many carers say of {subject}{end}", identifiers=[])
    await compare_all(world)
    ids: list[str] = []
    path = "/v1/duplicates?limit=2"
    while path:
        page = await world.json(EDITOR, "GET", path)
        ids += [group["id"] for group in page["items"]]
        path = page["next"]
    assert len(ids) == len(set(ids)) == 3


async def test_colrevs_records_come_in_as_its_expected_records(world: EvidenceWorld) -> None:
    """21 records of 19 works: what identifiers and fingerprints match on import leaves nothing to compare."""
    content = data("colrev", "tests", "data", "dedupe", "records.bib").read_bytes()
    assert counts(await world.import_file(content, publish="true")) == (21, 19, 2, 0)
    assert await groups(world) == []


async def test_real_databases_that_hold_the_same_works_are_grouped(world: EvidenceWorld) -> None:
    """Several databases' exports of ASReview's demonstration: whatever comes up as a duplicate is one work."""
    for name in ("scopus.ris", "proquest.ris", "embase.ris", "pubmed_zotero.ris", "ovid_zotero.ris"):
        await world.import_file(data("asreview", "tests", "demo_data", name).read_bytes(), publish="true")
    for group in await groups(world):
        titles = {member["title"].casefold().strip(".") for member in group["members"]}
        assert len({title[:20] for title in titles}) == 1
