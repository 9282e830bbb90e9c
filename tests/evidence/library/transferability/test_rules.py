import pytest
from pydantic import ValidationError

from services.evidence.library.transferability import rules
from services.evidence.library.transferability.criteria import PARTS, JudgedCriterion, TransferPart, TransferParts
from tests.evidence.library.transferability.judgements import CRITERIA, parts


def concluded(everything: str = "fits", /, **others: str | None) -> tuple[str, list[str]]:
    judged = TransferParts.model_validate(parts(everything, **others))
    return rules.conclusion_of(judged), rules.deciding_criteria(judged)


def test_what_fits_in_everything_is_transferable() -> None:
    assert concluded() == ("transferable", [])


@pytest.mark.parametrize("part", PARTS)
def test_what_nobody_knows_never_counts_as_fitting(part: TransferPart) -> None:
    name = CRITERIA[part][0]
    path = f"{part}__{name}"
    assert concluded(**{path: "unknown"}) == ("cannot_be_said", [f"{part}.{name}"])
    assert concluded(**{path: None}) == ("cannot_be_said", [f"{part}.{name}"])


def test_what_nobody_knows_weighs_more_than_what_fits_if_adapted() -> None:
    assert concluded(environment__money="fits_if_adapted", population__wish=None)[0] == "cannot_be_said"


def test_one_thing_that_does_not_fit_decides_whatever_else_is_known() -> None:
    conclusion = concluded(
        environment__law_and_policy="does_not_fit", population__wish=None, transfer__routine="unknown"
    )
    assert conclusion == ("not_transferable", ["environment.law_and_policy"])


def test_what_fits_if_adapted_makes_the_whole_depend_on_that() -> None:
    conclusion = concluded(environment__money="fits_if_adapted", intervention__effort="fits_if_adapted")
    assert conclusion == ("transferable_if_adapted", ["intervention.effort", "environment.money"])


def test_what_is_not_relevant_is_left_out() -> None:
    assert concluded(environment__place="not_relevant")[0] == "transferable"


def test_a_part_cannot_be_left_out_as_a_whole() -> None:
    left_out = {f"population__{name}": "not_relevant" for name in CRITERIA["population"]}
    assert concluded(**left_out) == ("cannot_be_said", ["population"])


@pytest.mark.parametrize("judgement", ["fits", "fits_if_adapted", "does_not_fit", "not_relevant"])
def test_a_judgement_without_a_reason_is_none(judgement: str) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        JudgedCriterion.model_validate({"judgement": judgement})
    assert JudgedCriterion(judgement="unknown").why is None


def test_whoever_finds_that_it_must_be_adapted_says_how() -> None:
    judged = TransferParts.model_validate(parts(environment__money="fits_if_adapted"))
    with pytest.raises(rules.NothingToAdapt):
        rules.check_describes_adaptation(judged, "", "")
    rules.check_describes_adaptation(judged, "", "A pooled fund.")
    rules.check_describes_adaptation(TransferParts.model_validate(parts()), "", "")
