"""Two people judge, neither sees the other's answers before both have judged, and differences are settled."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.evidence.library.appraisals.instruments import INSTRUMENTS
from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import EvidenceWithdrawn
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

ADA = person(UUID("01900000-0000-7000-8000-0000000000aa"), Role.EVIDENCE_EDITOR)
BEN = person(UUID("01900000-0000-7000-8000-0000000000bb"), Role.EVIDENCE_EDITOR)


def answers(instrument: str, **other: str) -> dict[str, Any]:
    """Return a judgement that answers yes, except for `other`: `c3="no"` answers criterion 3."""
    by_code = {criterion.code: "yes" for criterion in INSTRUMENTS[instrument].criteria}
    by_code |= {code.removeprefix("c"): answer for code, answer in other.items()}
    return {
        "answers": [
            {"criterion": code, "answer": answer, "comment": f"Why {code}: {answer}"}
            for code, answer in by_code.items()
        ]
    }


async def open_appraisal(world: EvidenceWorld, item: str, instrument: str) -> str:
    appraisal = await world.json(EDITOR, "POST", f"/v1/evidence/{item}/appraisals", {"instrument": instrument})
    return f"/v1/evidence/{item}/appraisals/{appraisal['id']}"


async def judge_twice(world: EvidenceWorld, item: str, instrument: str, **second: str) -> str:
    path = await open_appraisal(world, item, instrument)
    await world.json(ADA, "POST", f"{path}/judgements", answers(instrument))
    await world.json(BEN, "POST", f"{path}/judgements", answers(instrument, **second))
    return path


async def decide(
    world: EvidenceWorld, caller: Caller, path: str, verb: str, body: Any = None, tag: str | None = None
) -> httpx.Response:
    """Propose, accept, decline or decide on what the caller has read."""
    tag = tag or (await world.call(caller, "GET", path)).headers["etag"]
    return await world.call(caller, "POST", f"{path}/{verb}", body, If_Match=tag)


def resolution(answer: str = "yes", criterion: str = "3", reason: str = "We read it again.") -> dict[str, Any]:
    return {"resolutions": [{"criterion": criterion, "answer": answer, "reason": reason}]}


async def test_an_account_is_appraised_by_two_people_who_settle_what_differs(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    path = await judge_twice(world, item, "jbi-narrative", c3="no", c5="cannot_tell")
    both = await world.json(ADA, "GET", path)
    assert (both["status"], both["differences"]) == ("differing", ["3", "5"])
    assert both["agreement"] == {"compared": 6, "agreed": 4, "percent": 66.7, "kappa": 0.0}
    assert (await world.problem(NOBODY, "GET", path))["status"] == 404
    settled = {
        "resolutions": [
            {"criterion": "3", "answer": "yes", "reason": "Ben had missed the second page."},
            {"criterion": "5", "answer": "cannot_tell", "reason": "It is left open."},
        ]
    }
    assert (await decide(world, ADA, path, "resolve", settled)).json()["status"] == "proposed"
    assert (await world.problem(NOBODY, "GET", path))["status"] == 404
    assert (await decide(world, BEN, path, "accept")).json()["status"] == "resolved"
    public = (await world.json(NOBODY, "GET", f"/v1/evidence/{item}/appraisals"))["items"][0]
    assert public["status"] == "resolved"
    assert [criterion["answer"] for criterion in public["criteria"]] == [
        "yes",
        "yes",
        "yes",
        "yes",
        "cannot_tell",
        "yes",
    ]
    assert [criterion["criterion"] for criterion in public["criteria"] if criterion["discussed"]] == ["3", "5"]
    assert (public["judgements"], public["differences"]) == (None, None)
    assert {criterion["reason"] for criterion in public["criteria"]} == {None}
    assert not {str(staff.id) for staff in (ADA, BEN, EDITOR)} & set(str(public).replace("'", " ").split())


async def test_neither_sees_the_others_answers_before_both_have_judged(world: EvidenceWorld) -> None:
    path = await open_appraisal(world, await world.publish(PRACTICE), "practice-provenance")
    response = await world.call(ADA, "POST", f"{path}/judgements", answers("practice-provenance", c1="no"))
    assert (response.status_code, response.headers["location"]) == (201, path)
    first = response.json()
    assert [judgement["appraiser_id"] for judgement in first["judgements"]] == [str(ADA.id)]
    waiting = await world.json(BEN, "GET", path)
    assert (waiting["judgement_count"], waiting["judgements"], waiting["agreement"]) == (1, [], None)
    assert {criterion["answer"] for criterion in waiting["criteria"]} == {None}
    after = await world.json(BEN, "POST", f"{path}/judgements", answers("practice-provenance"))
    assert [judgement["appraiser_id"] for judgement in after["judgements"]] == [str(ADA.id), str(BEN.id)]
    assert after["judgements"][0]["answers"][0]["comment"] == "Why 1: no"


async def test_two_who_judge_alike_have_nothing_to_settle(world: EvidenceWorld) -> None:
    path = await judge_twice(world, await world.publish(RESEARCH, design="qualitative"), "mmat-qualitative")
    public = await world.json(NOBODY, "GET", path)
    assert public["status"] == "resolved"
    assert (public["agreement"]["percent"], public["agreement"]["kappa"]) == (100.0, None)
    assert (await decide(world, ADA, path, "resolve", {"resolutions": []})).json()["title"].endswith("to settle")


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
    problem = await world.problem(EDITOR, "POST", f"/v1/evidence/{item_id}/appraisals", {"instrument": instrument})
    assert problem["status"] == 409
    assert problem["detail"].endswith(f"choose one of: {fitting}.")


async def test_a_judgement_is_submitted_once_and_by_two_people(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    path = await open_appraisal(world, item, "jbi-narrative")
    body = answers("jbi-narrative")
    await world.json(ADA, "POST", f"{path}/judgements", body)
    assert "already" in (await world.problem(ADA, "POST", f"{path}/judgements", body))["title"]
    await world.json(BEN, "POST", f"{path}/judgements", answers("jbi-narrative", c1="no"))
    assert (await world.problem(EDITOR, "POST", f"{path}/judgements", body))["title"].startswith("Two people")
    again = await world.problem(EDITOR, "POST", f"/v1/evidence/{item}/appraisals", {"instrument": "jbi-narrative"})
    assert path.rpartition("/")[2] in again["detail"]


async def test_of_three_who_submit_at_once_two_have_judged(world: EvidenceWorld) -> None:
    path = await open_appraisal(world, await world.publish(ACCOUNT), "jbi-narrative")
    body = answers("jbi-narrative")
    responses = await asyncio.gather(
        *(world.call(who, "POST", f"{path}/judgements", body) for who in (ADA, BEN, EDITOR))
    )
    assert sorted(response.status_code for response in responses) == [201, 201, 409]
    assert (await world.json(NOBODY, "GET", path))["status"] == "resolved"


async def test_who_gave_an_account_does_not_appraise_it(world: EvidenceWorld) -> None:
    before_she_was_an_editor = person(ADA.id)
    path = await open_appraisal(world, await world.publish(ACCOUNT, before_she_was_an_editor), "jbi-narrative")
    assert (await world.problem(ADA, "POST", f"{path}/judgements", answers("jbi-narrative")))["status"] == 403


async def test_who_gave_practice_knowledge_does_not_settle_what_two_others_judged_of_it(world: EvidenceWorld) -> None:
    path = await judge_twice(world, await world.publish(PRACTICE, EDITOR), "practice-provenance", c2="no")
    body = {"resolutions": [{"criterion": "2", "answer": "yes", "reason": "I know best."}]}
    assert (await decide(world, EDITOR, path, "resolve", body)).status_code == 403
    assert (await decide(world, ADA, path, "resolve", body)).status_code == 200
    for verb, reasons in (("accept", None), ("decline", {"because": "I know best."})):
        assert (await decide(world, EDITOR, path, verb, reasons)).status_code == 403


async def test_every_difference_is_settled_with_a_reason_and_nothing_else(world: EvidenceWorld) -> None:
    path = await judge_twice(world, await world.publish(ACCOUNT), "jbi-narrative", c3="no")
    unfit: list[list[dict[str, str]]] = [
        [],
        [{"criterion": "3", "answer": "yes", "reason": ""}],
        [{"criterion": "3", "answer": "yes", "reason": "x"}, {"criterion": "4", "answer": "no", "reason": "x"}],
        [{"criterion": "3", "answer": "yes", "reason": "x"}, {"criterion": "3", "answer": "no", "reason": "x"}],
    ]
    for resolutions in unfit:
        for who in (ADA, EDITOR):
            response = await decide(world, who, path, "resolve", {"resolutions": resolutions})
            assert response.status_code == 422
    assert (await world.json(ADA, "GET", path))["status"] == "differing"


async def test_an_appraisal_stays_with_its_edition(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH, design="review")
    path = await judge_twice(world, item, "jbi-review")
    tag = (await world.call(EDITOR, "GET", f"/v1/evidence/{item}")).headers["etag"]
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"summary": "Said anew."}, If_Match=tag)
    old = await world.json(NOBODY, "GET", path)
    assert (old["appraised_edition"], old["outdated"]) == (1, True)
    new = await world.json(NOBODY, "GET", await judge_twice(world, item, "jbi-review"))
    assert (new["appraised_edition"], new["outdated"]) == (2, False)


async def test_a_withdrawn_items_appraisals_are_gone_and_the_comments_erased(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    path = await judge_twice(world, item, "jbi-narrative", c3="no")
    settled = {"resolutions": [{"criterion": "3", "answer": "yes", "reason": "She says: nobody asked me."}]}
    await decide(world, ADA, path, "resolve", settled)
    await decide(world, BEN, path, "decline", {"because": "She says more than: nobody asked me."})
    await decide(world, EDITOR, path, "resolve", settled)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    for address in (path, f"/v1/evidence/{item}/appraisals"):
        assert (await world.problem(EDITOR, "GET", address))["status"] == 410
    assert (await world.json(NOBODY, "GET", "/v1/evidence/appraisals/agreement"))["items"] == []
    await world.handle(EvidenceWithdrawn(item_id=UUID(item)), sequence=2)
    rows = await world.rows(
        "SELECT reasons, proposed_reasons, declined_because, comments"
        " FROM appraisals JOIN judgements ON appraisal_id = appraisals.id"
    )
    assert rows == [{"reasons": {}, "proposed_reasons": {}, "declined_because": None, "comments": {}}] * 2
    entries = await world.rows("SELECT before, after FROM audit_entries")
    assert "nobody asked me" not in str(entries)
    assert "Why 3" not in str(entries)


async def test_the_comments_on_research_stay_where_nobody_gave_their_own_words(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH, design="economic")
    await judge_twice(world, item, "jbi-economic")
    await world.json(EDITOR, "POST", f"/v1/evidence/{item}/withdraw")
    await world.handle(EvidenceWithdrawn(item_id=UUID(item)), sequence=2)
    assert all(row["comments"] for row in await world.rows("SELECT comments FROM judgements"))


async def test_agreement_over_the_library_is_by_instrument(world: EvidenceWorld) -> None:
    await judge_twice(world, await world.publish(ACCOUNT), "jbi-narrative", c3="no")
    await judge_twice(world, await world.publish(ACCOUNT, title="Another"), "jbi-narrative")
    await judge_twice(world, await world.publish(PRACTICE), "practice-provenance")
    by_instrument = {agreement["instrument"]: agreement for agreement in await agreements(world)}
    assert by_instrument["jbi-narrative"]["agreement"] == {"compared": 12, "agreed": 11, "percent": 91.7, "kappa": 0.0}
    assert (by_instrument["jbi-narrative"]["appraisals"], by_instrument["jbi-narrative"]["resolved"]) == (2, 1)
    assert by_instrument["practice-provenance"]["agreement"]["kappa"] is None
    assert by_instrument.keys() == {"jbi-narrative", "practice-provenance"}


async def agreements(world: EvidenceWorld) -> list[dict[str, Any]]:
    return (await world.json(NOBODY, "GET", "/v1/evidence/appraisals/agreement"))["items"]


async def test_staff_see_what_waits_for_a_judgement_or_a_resolution(world: EvidenceWorld) -> None:
    open_ = await open_appraisal(world, await world.publish(ACCOUNT), "jbi-narrative")
    differing = await judge_twice(world, await world.publish(PRACTICE), "practice-provenance", c2="no")
    await judge_twice(world, await world.publish(RESEARCH), "mmat-randomised")
    waiting = (await world.json(EDITOR, "GET", "/v1/evidence/appraisals/waiting"))["items"]
    assert [(appraisal["id"], appraisal["status"]) for appraisal in waiting] == [
        (open_.rpartition("/")[2], "open"),
        (differing.rpartition("/")[2], "differing"),
    ]
    assert [(row["title"], row["judgement_count"], row["judged_by_you"]) for row in waiting] == [
        (ACCOUNT["title"], 0, False),
        (PRACTICE["title"], 2, False),
    ]
    for_ada = (await world.json(ADA, "GET", "/v1/evidence/appraisals/waiting"))["items"]
    assert [row["judged_by_you"] for row in for_ada] == [False, True]
    assert (await world.problem(CARER, "GET", "/v1/evidence/appraisals/waiting"))["status"] == 403


async def test_a_draft_is_not_appraised_and_the_public_judges_nothing(world: EvidenceWorld) -> None:
    draft = await world.draft(ACCOUNT)
    body = {"instrument": "jbi-narrative"}
    assert (await world.problem(EDITOR, "POST", f"/v1/evidence/{draft}/appraisals", body))["status"] == 404
    item = await world.publish(ACCOUNT)
    assert (await world.problem(CARER, "POST", f"/v1/evidence/{item}/appraisals", body))["status"] == 403
    empty = await world.json(NOBODY, "GET", f"/v1/evidence/{item}/appraisals")
    assert empty == {"items": [], "fitting": ["jbi-narrative"]}


async def test_the_instruments_are_open_to_everyone_with_their_sources(world: EvidenceWorld) -> None:
    instruments = (await world.json(NOBODY, "GET", "/v1/evidence/appraisals/instruments"))["items"]
    assert {instrument["code"] for instrument in instruments} == INSTRUMENTS.keys()
    assert all(instrument["source"] and "score" not in instrument for instrument in instruments)
    assert {i["code"].partition("-")[0] for i in instruments if not i["not_applicable"]} == {"mmat"}


async def test_where_both_screening_questions_are_settled_with_a_yes_the_skipped_criteria_apply(
    world: EvidenceWorld,
) -> None:
    path = await open_appraisal(world, await world.publish(RESEARCH), "mmat-randomised")
    passed = {f"c{number}": "not_applicable" for number in range(1, 6)}
    await world.json(ADA, "POST", f"{path}/judgements", answers("mmat-randomised", S1="no", **passed))
    await world.json(BEN, "POST", f"{path}/judgements", answers("mmat-randomised", S2="no", **passed))
    settled = [{"criterion": code, "answer": "yes", "reason": "We read it again."} for code in ("S1", "S2")]
    problem = (await decide(world, EDITOR, path, "resolve", {"resolutions": settled})).json()
    assert [error["pointer"] for error in problem["errors"]] == ["/resolutions"] * 5
    settled += [{"criterion": code, "answer": "no", "reason": "It applies after all."} for code in "12345"]
    resolved = (await decide(world, EDITOR, path, "resolve", {"resolutions": settled})).json()
    assert [criterion["answer"] for criterion in resolved["criteria"]] == ["yes"] * 2 + ["no"] * 5
