from typing import Any

import pytest
from pydantic import ValidationError

from services.evidence.library.items.descriptions import description_adapter, detail_fields
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

STUDY: dict[str, Any] = RESEARCH | {
    "population": "Unpaid carers of people with dementia",
    "sample": "Carers of six councils, chosen by lot",
    "participants": 412,
    "intervention": "A break of a day each week",
    "service": "replacement care",
    "setting": "own home",
    "period": {"from": "2018", "to": "2019-06"},
    "involvement": "Two carers were on the team that chose the outcomes.",
}
FULL_ACCOUNT: dict[str, Any] = ACCOUNT | {
    "role": "daughter who lives with her mother",
    "service": "replacement care",
    "population": "Daughters in the same house",
    "period": {"from": "2022-03", "to": None},
    "country": "GB-WLS",
}
FULL_PRACTICE: dict[str, Any] = PRACTICE | {
    "organisation_kind": "council",
    "service": "replacement care",
    "population": "Carers known to the council",
    "period": {"from": "2021", "to": "2023"},
    "credit": {"attribution": "organisation", "name": "Invented Borough Council"},
}


@pytest.mark.parametrize("item", [STUDY, FULL_ACCOUNT, FULL_PRACTICE], ids=lambda item: item["way_of_knowing"])
async def test_everything_that_is_told_is_kept_and_shown(world: EvidenceWorld, item: dict[str, Any]) -> None:
    view = await world.json(NOBODY, "GET", f"/v1/evidence/{await world.publish(item)}")
    for name, value in item.items():
        if name not in ("identifiers", "consent", "credit"):
            assert view[name] == value


@pytest.mark.parametrize(
    ("item", "foreign"),
    [
        (STUDY, "role"),
        (STUDY, "consent"),
        (FULL_ACCOUNT, "participants"),
        (FULL_ACCOUNT, "organisation_kind"),
        (FULL_PRACTICE, "consent"),
    ],
)
async def test_no_way_of_knowing_takes_the_fields_of_another(
    world: EvidenceWorld, item: dict[str, Any], foreign: str
) -> None:
    problem = await world.problem(CARER, "POST", "/v1/evidence", item | {foreign: "something"})
    assert [error["pointer"] for error in problem["errors"]] == [f"/{foreign}"]


@pytest.mark.parametrize(
    "period", [{}, {"from": "2020", "to": "2019"}, {"from": "2020-05", "to": "2020-04-30"}, {"from": "May"}]
)
async def test_a_period_that_cannot_be_is_refused_at_its_place(world: EvidenceWorld, period: dict[str, str]) -> None:
    problem = await world.problem(CARER, "POST", "/v1/evidence", STUDY | {"period": period})
    assert problem["errors"][0]["pointer"].startswith("/period")


@pytest.mark.parametrize("way", [{}, {"way_of_knowing": "hearsay"}])
async def test_which_way_of_knowing_is_asked_for_at_its_place(world: EvidenceWorld, way: dict[str, str]) -> None:
    problem = await world.problem(CARER, "POST", "/v1/evidence", {"title": "x"} | way)
    assert [error["pointer"] for error in problem["errors"]] == ["/way_of_knowing"]
    assert "iscriminator" not in str(problem)


async def test_an_item_that_does_not_say_that_it_is_json_is_told_how_to(world: EvidenceWorld) -> None:
    response = await world.call(CARER, "POST", "/v1/evidence", PRACTICE, Content_Type="text/plain")
    assert response.status_code == 415


@pytest.mark.parametrize("day", ["2019-02-30", "2019-13", "0000", "2019-1", "٢٠١٩"])
def test_a_day_that_no_calendar_has_is_refused(day: str) -> None:
    with pytest.raises(ValidationError, match="published_on"):
        description_adapter.validate_python(STUDY | {"published_on": day})


@pytest.mark.parametrize("period", [{"from": "2020-05", "to": "2020"}, {"from": "2020", "to": "2020-01-01"}])
def test_a_period_within_one_year_may_be_told_more_exactly_at_one_end(period: dict[str, str]) -> None:
    assert detail_fields(description_adapter.validate_python(STUDY | {"period": period}))["period"] == period


@pytest.mark.parametrize(
    "consent",
    [
        {"to_publish": True, "given_by": "someone_acting_for_them"},
        {"to_publish": True, "basis": "power_of_attorney"},
        {
            "to_publish": True,
            "given_by": "someone_acting_for_them",
            "basis": "best_interests_decision",
            "attribution": "full_name",
            "name": "Mary Example",
        },
    ],
)
def test_whoever_acts_for_another_says_on_what_basis_and_shows_no_full_name(consent: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        description_adapter.validate_python(ACCOUNT | {"consent": consent})


async def test_on_what_basis_somebody_acts_is_for_the_person_and_editors_alone(world: EvidenceWorld) -> None:
    consent = ACCOUNT["consent"] | {"given_by": "someone_acting_for_them", "basis": "power_of_attorney"}
    item = f"/v1/evidence/{await world.publish(ACCOUNT, consent=consent)}"
    assert (await world.json(EDITOR, "GET", item))["consent"]["basis"] == "power_of_attorney"
    response = await world.call(NOBODY, "GET", item)
    assert "attorney" not in response.text
    assert response.json()["attributed_to"] == "Mary"


async def test_practice_names_whom_it_was_agreed_to_name(world: EvidenceWorld) -> None:
    named = await world.json(NOBODY, "GET", f"/v1/evidence/{await world.publish(FULL_PRACTICE)}")
    assert (named["attributed_to"], named["credit"]) == ("Invented Borough Council", None)
    hidden = await world.publish(FULL_PRACTICE, credit={"attribution": "anonymous", "name": "Invented Borough Council"})
    unnamed = await world.call(NOBODY, "GET", f"/v1/evidence/{hidden}")
    assert "Invented" not in unnamed.text


async def test_an_item_of_before_says_nothing_in_the_new_fields(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    async with world.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE items"
            " SET details = details - ARRAY['credit', 'period', 'population', 'service', 'organisation_kind']"
        )
    view = await world.json(NOBODY, "GET", f"/v1/evidence/{item}")
    assert [view[name] for name in ("credit", "period", "population", "service", "organisation_kind")] == [None] * 5
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"topics": [await world.topic()]}, If_Match="*")
    assert (await world.json(NOBODY, "GET", f"/v1/evidence/{item}"))["edition"] == 1
