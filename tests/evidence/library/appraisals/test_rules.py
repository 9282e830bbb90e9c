"""Instruments fit their kind alone; agreement is as the formula gives it."""

import pytest

from services.evidence.library.appraisals import rules
from services.evidence.library.appraisals.instruments import INSTRUMENTS
from services.evidence.library.appraisals.rules import agreement
from services.evidence.library.items.descriptions import WAYS
from shared.problems import Invalid

YES = {"S1": "yes", "S2": "yes", "1": "yes", "2": "yes", "3": "no", "4": "cannot_tell", "5": "yes"}


def fitting(way: str, **details: object) -> set[str]:
    return {instrument.code for instrument in rules.fitting_instruments(way, details)}


def test_every_way_of_knowing_is_appraised_on_terms_of_its_own() -> None:
    fit = {way: fitting(way, kind="report") for way in WAYS}
    assert all(fit.values())
    assert not fit["research"] & fit["lived_experience"]
    assert not fit["practice_knowledge"] & (fit["research"] | fit["lived_experience"])


def test_an_instrument_fits_its_design_alone() -> None:
    article = {"kind": "journal_article"}
    assert fitting("research", design="qualitative", **article) == {"mmat-qualitative"}
    assert fitting("research", design="mixed", **article) == {"mmat-mixed"}
    assert fitting("research", design="economic", **article) == {"jbi-economic"}
    assert fitting("research", design="review", **article) == {"jbi-review"}
    assert fitting("research", design="quantitative", **article) == {
        "mmat-randomised",
        "mmat-non-randomised",
        "mmat-descriptive",
    }
    assert fitting("lived_experience") == {"jbi-narrative"}
    assert fitting("practice_knowledge") == {"practice-provenance"}


def test_a_text_without_a_design_may_be_an_opinion_or_a_policy() -> None:
    assert {"jbi-opinion", "jbi-policy", "mmat-descriptive"} <= fitting("research", kind="report", design=None)
    assert not {"jbi-opinion", "jbi-policy"} & fitting("research", kind="dataset", design=None)


def test_every_mmat_instrument_asks_two_screening_questions_and_five_criteria() -> None:
    for code, instrument in INSTRUMENTS.items():
        if code.startswith("mmat"):
            assert [criterion.code for criterion in instrument.criteria] == ["S1", "S2", "1", "2", "3", "4", "5"]
            assert instrument.screening == {"S1", "S2"}


def test_every_instrument_names_its_source_and_asks_each_question_once() -> None:
    for instrument in INSTRUMENTS.values():
        questions = [criterion.question for criterion in instrument.criteria]
        assert instrument.source
        assert len(set(questions)) == len(questions) >= 6


def test_a_judgement_answers_every_criterion_and_no_other() -> None:
    mmat = INSTRUMENTS["mmat-qualitative"]
    rules.check_complete(mmat, YES)
    with pytest.raises(Invalid) as error:
        rules.check_complete(mmat, {"S1": "yes", "9": "no"})
    assert len(error.value.errors) == 7


def test_criteria_are_skipped_only_where_the_screening_is_not_a_yes() -> None:
    mmat = INSTRUMENTS["mmat-qualitative"]
    skipped = dict.fromkeys("12345", "not_applicable")
    rules.check_complete(mmat, {"S1": "no", "S2": "cannot_tell", **skipped})
    with pytest.raises(Invalid):
        rules.check_complete(mmat, {"S1": "yes", "S2": "yes", **skipped})
    with pytest.raises(Invalid):
        rules.check_complete(mmat, YES | {"S1": "not_applicable"})
    opinion = INSTRUMENTS["jbi-opinion"]
    rules.check_complete(opinion, {criterion.code: "not_applicable" for criterion in opinion.criteria})


def test_kappa_is_that_of_the_textbook() -> None:
    counts = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    result = agreement(counts)
    assert (result.compared, result.agreed, result.percent, result.kappa) == (50, 35, 70.0, 0.4)


def test_full_agreement_is_one_and_its_opposite_below_nothing() -> None:
    assert agreement([("yes", "yes"), ("no", "no")]).kappa == 1.0
    assert agreement([("yes", "no"), ("no", "yes")]).kappa == -1.0


def test_where_both_gave_one_answer_throughout_kappa_is_not_defined() -> None:
    result = agreement([("yes", "yes")] * 7)
    assert (result.percent, result.kappa) == (100.0, None)
    assert agreement([]) == rules.Agreement(0, 0, None, None)


def test_one_rater_without_variance_agrees_no_more_than_by_chance() -> None:
    assert agreement([("yes", "yes"), ("yes", "no"), ("yes", "yes")]).kappa == 0.0
