"""Two people judge, neither sees the other's answers before both are in, and what differs is settled."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.evidence.library.appraisals.instruments import INSTRUMENTS
from shared.callers import Role, person
from shared.events.contracts.evidence import EvidenceWithdrawn
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

ADA = person(UUID("01900000-0000-7000-8000-0000000000aa"), Role.EVIDENCE_EDITOR)
BEN = person(UUID("01900000-0000-7000-8000-0000000000bb"), Role.EVIDENCE_EDITOR)


def answers(instrument: str, **other: str) -> dict[str, Any]:
    """Yes to everything but for what is given; `c3="no"` answers criterion 3."""
    said = {each.code: "yes" for each in INSTRUMENTS[instrument].criteria}
    said |= {code.removeprefix("c"): answer for code, answer in other.items()}
    listed = [
        {"criterion": code, "answer": answer, "comment": f"Why {code}: {answer}"} for code, answer in said.items()
    ]
    return {"answers": listed}


async def opened(world: EvidenceWorld, item: str, instrument: str) -> str:
    found = await world.done(EDITOR, "POST", f"/v1/evidence/{item}/appraisals", {"instrument": instrument})
    return f"/v1/evidence/{item}/appraisals/{found['id']}"


async def judged(world: EvidenceWorld, item: str, instrument: str, **second: str) -> str:
    path = await opened(world, item, instrument)
    await world.done(ADA, "POST", f"{path}/judgements", answers(instrument))
    await world.done(BEN, "POST", f"{path}/judgements", answers(instrument, **second))
    return path


async def test_an_account_is_appraised_by_two_people_who_settle_what_differs(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    path = await judged(world, item, "jbi-narrative", c3="no", c5="cannot_tell")
    both = await world.done(ADA, "GET", path)
    assert (both["status"], both["differences"]) == ("differing", ["3", "5"])
    assert both["agreement"] == {"compared": 6, "agreed": 4, "percent": 66.7, "kappa": 0.0}
    assert (await world.refused(NOBODY, "GET", path))["status"] == 404
    settled = {
        "resolutions": [
            {"criterion": "3", "answer": "yes", "reason": "Ben had missed the second page."},
            {"criterion": "5", "answer": "cannot_tell", "reason": "It is left open."},
        ]
    }
    await world.done(EDITOR, "POST", f"{path}/resolution", settled)
    public = (await world.done(NOBODY, "GET", f"/v1/evidence/{item}/appraisals"))["items"][0]
    assert public["status"] == "resolved"
    assert [each["answer"] for each in public["criteria"]] == ["yes", "yes", "yes", "yes", "cannot_tell", "yes"]
    assert [each["criterion"] for each in public["criteria"] if each["discussed"]] == ["3", "5"]
    assert (public["judgements"], public["differences"]) == (None, None)
    assert {each["reason"] for each in public["criteria"]} == {None}
    assert not {str(each.id) for each in (ADA, BEN, EDITOR)} & set(str(public).replace("'", " ").split())


async def test_neither_sees_the_others_answers_before_both_are_in(world: EvidenceWorld) -> None:
    path = await opened(world, await world.publish(PRACTICE), "practice-provenance")
    handed_in = await world.call(ADA, "POST", f"{path}/judgements", answers("practice-provenance", c1="no"))
    assert (handed_in.status_code, handed_in.headers["location"]) == (201, path)
    first = handed_in.json()
    assert [each["appraiser_id"] for each in first["judgements"]] == [str(ADA.id)]
    waiting = await world.done(BEN, "GET", path)
    assert (waiting["handed_in"], waiting["judgements"], waiting["agreement"]) == (1, [], None)
    assert {each["answer"] for each in waiting["criteria"]} == {None}
    after = await world.done(BEN, "POST", f"{path}/judgements", answers("practice-provenance"))
    assert [each["appraiser_id"] for each in after["judgements"]] == [str(ADA.id), str(BEN.id)]
    assert after["judgements"][0]["answers"][0]["comment"] == "Why 1: no"


async def test_two_who_judge_alike_have_nothing_to_settle(world: EvidenceWorld) -> None:
    path = await judged(world, await world.publish(RESEARCH, design="qualitative"), "mmat-qualitative")
    public = await world.done(NOBODY, "GET", path)
    assert public["status"] == "resolved"
    assert (public["agreement"]["percent"], public["agreement"]["kappa"]) == (100.0, None)
    assert (await world.refused(ADA, "POST", f"{path}/resolution", {"resolutions": []}))["status"] == 409


@pytest.mark.parametrize(
    ("item", "instrument", "fitting"),
    [
        (ACCOUNT, "mmat-qualitative", "jbi-narrative"),
        (PRACTICE, "jbi-narrative", "practice-provenance"),
        (RESEARCH, "mmat-mixed", "mmat-randomised, mmat-non-randomised, mmat-descriptive"),
    ],
)
async def test_an_instrument_of_another_kind_is_refused_with_those_that_fit(
    world: EvidenceWorld, item: dict[str, Any], instrument: str, fitting: str
) -> None:
    item_id = await world.publish(item)
    problem = await world.refused(EDITOR, "POST", f"/v1/evidence/{item_id}/appraisals", {"instrument": instrument})
    assert problem["status"] == 409
    assert problem["detail"].endswith(f"choose one of: {fitting}.")


async def test_a_judgement_is_handed_in_once_and_by_two_people(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    path = await opened(world, item, "jbi-narrative")
    said = answers("jbi-narrative")
    await world.done(ADA, "POST", f"{path}/judgements", said)
    assert "already" in (await world.refused(ADA, "POST", f"{path}/judgements", said))["title"]
    await world.done(BEN, "POST", f"{path}/judgements", answers("jbi-narrative", c1="no"))
    assert (await world.refused(EDITOR, "POST", f"{path}/judgements", said))["title"].startswith("Two people")
    again = await world.refused(EDITOR, "POST", f"/v1/evidence/{item}/appraisals", {"instrument": "jbi-narrative"})
    assert path.rpartition("/")[2] in again["detail"]


async def test_of_three_who_hand_in_at_once_two_have_judged(world: EvidenceWorld) -> None:
    path = await opened(world, await world.publish(ACCOUNT), "jbi-narrative")
    said = answers("jbi-narrative")
    answered = await asyncio.gather(
        *(world.call(who, "POST", f"{path}/judgements", said) for who in (ADA, BEN, EDITOR))
    )
    assert sorted(each.status_code for each in answered) == [201, 201, 409]
    assert (await world.done(NOBODY, "GET", path))["status"] == "resolved"


async def test_who_gave_an_account_does_not_appraise_it(world: EvidenceWorld) -> None:
    path = await opened(world, await world.publish(ACCOUNT, ADA), "jbi-narrative")
    assert (await world.refused(ADA, "POST", f"{path}/judgements", answers("jbi-narrative")))["status"] == 403


async def test_who_gave_practice_knowledge_does_not_settle_what_two_others_judged_of_it(world: EvidenceWorld) -> None:
    path = await judged(world, await world.publish(PRACTICE, EDITOR), "practice-provenance", c2="no")
    said = {"resolutions": [{"criterion": "2", "answer": "yes", "reason": "I know best."}]}
    assert (await world.refused(EDITOR, "POST", f"{path}/resolution", said))["status"] == 403
    await world.done(ADA, "POST", f"{path}/resolution", said)


async def test_every_difference_is_settled_with_a_reason_and_nothing_else(world: EvidenceWorld) -> None:
    path = await judged(world, await world.publish(ACCOUNT), "jbi-narrative", c3="no")
    error: list[list[dict[str, str]]] = [
        [],
        [{"criterion": "3", "answer": "yes", "reason": ""}],
        [{"criterion": "3", "answer": "yes", "reason": "x"}, {"criterion": "4", "answer": "no", "reason": "x"}],
        [{"criterion": "3", "answer": "yes", "reason": "x"}, {"criterion": "3", "answer": "no", "reason": "x"}],
    ]
    for resolutions in error:
        problem = await world.refused(ADA, "POST", f"{path}/resolution", {"resolutions": resolutions})
        assert problem["status"] == 422
    assert (await world.done(ADA, "GET", path))["status"] == "differing"


async def test_an_appraisal_stays_with_its_edition(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH, design="review")
    path = await judged(world, item, "jbi-review")
    tag = (await world.call(EDITOR, "GET", f"/v1/evidence/{item}")).headers["etag"]
    await world.done(EDITOR, "PATCH", f"/v1/evidence/{item}", {"summary": "Said anew."}, If_Match=tag)
    old = await world.done(NOBODY, "GET", path)
    assert (old["appraised_edition"], old["outdated"]) == (1, True)
    new = await world.done(NOBODY, "GET", await judged(world, item, "jbi-review"))
    assert (new["appraised_edition"], new["outdated"]) == (2, False)


async def test_a_withdrawn_items_appraisals_are_gone_and_the_comments_erased(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    path = await judged(world, item, "jbi-narrative", c3="no")
    settled = {"resolutions": [{"criterion": "3", "answer": "yes", "reason": "She says: nobody asked me."}]}
    await world.done(ADA, "POST", f"{path}/resolution", settled)
    await world.done(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    for address in (path, f"/v1/evidence/{item}/appraisals"):
        assert (await world.refused(EDITOR, "GET", address))["status"] == 410
    assert (await world.done(NOBODY, "GET", "/v1/evidence/appraisals/agreement"))["items"] == []
    await world.hears(EvidenceWithdrawn(item_id=UUID(item)), sequence=2)
    left = await world.rows("SELECT reasons, comments FROM appraisals JOIN judgements ON appraisal_id = appraisals.id")
    assert left == [{"reasons": {}, "comments": {}}] * 2
    kept = await world.rows("SELECT before, after FROM audit_entries")
    assert "nobody asked me" not in str(kept)
    assert "Why 3" not in str(kept)


async def test_the_comments_on_research_stay_where_nobody_gave_their_own_words(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH, design="economic")
    await judged(world, item, "jbi-economic")
    await world.done(EDITOR, "POST", f"/v1/evidence/{item}/withdraw")
    await world.hears(EvidenceWithdrawn(item_id=UUID(item)), sequence=2)
    assert all(row["comments"] for row in await world.rows("SELECT comments FROM judgements"))


async def test_agreement_over_the_library_is_told_by_instrument(world: EvidenceWorld) -> None:
    await judged(world, await world.publish(ACCOUNT), "jbi-narrative", c3="no")
    await judged(world, await world.publish(ACCOUNT, title="Another"), "jbi-narrative")
    await judged(world, await world.publish(PRACTICE), "practice-provenance")
    payload = {each["instrument"]: each for each in await agreements(world)}
    assert payload["jbi-narrative"]["agreement"] == {"compared": 12, "agreed": 11, "percent": 91.7, "kappa": 0.0}
    assert (payload["jbi-narrative"]["appraisals"], payload["jbi-narrative"]["resolved"]) == (2, 1)
    assert payload["practice-provenance"]["agreement"]["kappa"] is None
    assert payload.keys() == {"jbi-narrative", "practice-provenance"}


async def agreements(world: EvidenceWorld) -> list[dict[str, Any]]:
    return (await world.done(NOBODY, "GET", "/v1/evidence/appraisals/agreement"))["items"]


async def test_staff_see_what_waits_for_a_judgement_or_a_resolution(world: EvidenceWorld) -> None:
    open_ = await opened(world, await world.publish(ACCOUNT), "jbi-narrative")
    differing = await judged(world, await world.publish(PRACTICE), "practice-provenance", c2="no")
    await judged(world, await world.publish(RESEARCH), "mmat-randomised")
    waiting = (await world.done(EDITOR, "GET", "/v1/evidence/appraisals/waiting"))["items"]
    assert [(each["id"], each["status"]) for each in waiting] == [
        (open_.rpartition("/")[2], "open"),
        (differing.rpartition("/")[2], "differing"),
    ]
    assert (await world.refused(CARER, "GET", "/v1/evidence/appraisals/waiting"))["status"] == 403


async def test_a_draft_is_not_appraised_and_the_public_judges_nothing(world: EvidenceWorld) -> None:
    draft = await world.draft(ACCOUNT)
    body = {"instrument": "jbi-narrative"}
    assert (await world.refused(EDITOR, "POST", f"/v1/evidence/{draft}/appraisals", body))["status"] == 404
    item = await world.publish(ACCOUNT)
    assert (await world.refused(CARER, "POST", f"/v1/evidence/{item}/appraisals", body))["status"] == 403
    empty = await world.done(NOBODY, "GET", f"/v1/evidence/{item}/appraisals")
    assert empty == {"items": [], "fitting": ["jbi-narrative"]}


async def test_the_instruments_are_open_to_everyone_with_their_sources(world: EvidenceWorld) -> None:
    told = (await world.done(NOBODY, "GET", "/v1/evidence/appraisals/instruments"))["items"]
    assert {each["code"] for each in told} == INSTRUMENTS.keys()
    assert all(each["source"] and "score" not in each for each in told)


async def test_where_both_screening_questions_are_settled_with_a_yes_the_criteria_passed_over_apply(
    world: EvidenceWorld,
) -> None:
    path = await opened(world, await world.publish(RESEARCH), "mmat-randomised")
    passed = {f"c{number}": "not_applicable" for number in range(1, 6)}
    await world.done(ADA, "POST", f"{path}/judgements", answers("mmat-randomised", S1="no", **passed))
    await world.done(BEN, "POST", f"{path}/judgements", answers("mmat-randomised", S2="no", **passed))
    settled = [{"criterion": code, "answer": "yes", "reason": "We read it again."} for code in ("S1", "S2")]
    problem = await world.refused(ADA, "POST", f"{path}/resolution", {"resolutions": settled})
    assert [each["pointer"] for each in problem["errors"]] == ["/resolutions"] * 5
    settled += [{"criterion": code, "answer": "no", "reason": "It applies after all."} for code in "12345"]
    resolved = await world.done(ADA, "POST", f"{path}/resolution", {"resolutions": settled})
    assert [each["answer"] for each in resolved["criteria"]] == ["yes"] * 2 + ["no"] * 5
