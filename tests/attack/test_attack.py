"""What is public tells nothing about few people: an attacker tries, and finds it out where the rule is turned."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.engagement.surveys.results import rules
from services.engagement.surveys.results.rules import Tally
from services.engagement.surveys.results.summaries import AnswerSummary
from services.engagement.surveys.surveys.rules import Question
from shared import disclosure
from tests.attack import attacker
from tests.attack.attacker import Findings, attack
from tests.attack.campaign import attack_surveys, publish
from tests.attack.money import Estimates, attack_many
from tests.attack.programs import LARGE, Program
from tests.attack.surveys import GROUPS, AnsweredSurvey

SURVEYS = 30
SEED = 12


@pytest.fixture(autouse=True)
def threshold_as_before() -> Iterator[None]:
    before = disclosure.threshold()
    yield
    disclosure.set_threshold(before)


def attacked(number: int = SURVEYS) -> Findings:
    return attack_surveys(number, random.Random(SEED))


def estimated(number: int = SURVEYS) -> Estimates:
    return attack_many(number, random.Random(SEED))


def test_no_hidden_number_and_no_common_mind_can_be_found_out_and_yet_large_groups_are_shown() -> None:
    findings = attacked()
    assert (findings.recovered, findings.unanimous) == ([], [])
    assert findings.bounded > 10 * SURVEYS
    assert findings.large_groups_shown >= 0.9 * findings.large_groups > 0


def test_nobodys_money_can_be_estimated_within_ten_per_cent_and_yet_money_is_shown() -> None:
    estimates = estimated()
    assert estimates.close == []
    assert estimates.estimated > SURVEYS
    assert estimates.shown_pence > 0.3 * estimates.paid_pence


def coarse_as_the_threshold(_longest_list: int) -> int:
    return disclosure.threshold()


def test_a_step_that_is_too_short_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "table_step", coarse_as_the_threshold)
    assert attacked(10).recovered


def test_means_without_bounds_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def unbounded_mean(mean: float, *, step: float, **_: Any) -> float:
        return round(round(mean / step) * step, 2)

    def no_limits(ends: tuple[float, float], *_: float) -> tuple[float, float]:
        return ends[0] - 1, ends[1] + 1

    monkeypatch.setattr(rules, "bounded_mean", unbounded_mean)
    monkeypatch.setattr(attacker, "_limits", no_limits)
    assert attacked(15).unanimous


def test_figures_of_everyone_that_tell_more_than_the_groups_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = rules._everyone  # pyright: ignore[reportPrivateUsage]  what is turned

    def one_more(summaries: list[AnswerSummary]) -> AnswerSummary | None:
        summary = everyone(summaries)
        return summary and summary.model_copy(
            update={"answered": disclosure.AtLeast(at_least=summary.answered.at_least + 1)}
        )

    monkeypatch.setattr(rules, "_everyone", one_more)
    with pytest.raises(AssertionError):
        attacked(10)


def test_sums_of_one_person_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def always(by_person: Mapping[Any, int]) -> bool:
        return any(by_person.values())

    monkeypatch.setattr(disclosure, "_is_batch", always)
    assert estimated(10).close


def test_sums_of_which_one_person_got_nearly_all_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "PROTECTED_SHARE", -1)
    assert estimated(100).close


def test_the_group_of_one_that_could_be_recovered_exactly_is_hidden_among_twenty() -> None:
    """The tables of one survey, of which each alone hides small groups: together they gave a policy maker away."""
    disclosure.set_threshold(5)
    skipped = {"x": ["policy_makers"], "y": ["commissioners"], "z": ["policy_makers", "commissioners"]}
    sizes = {
        "unpaid_carers": 40,
        "people_who_draw_on_care_and_support": 12,
        "researchers": 5,
        "commissioners": 3,
        "policy_makers": 1,
    }
    survey = AnsweredSurvey([Question(id=id, kind="free_text", text="?") for id in skipped])
    for group, size in sizes.items():
        answers = {id: "words" for id, groups in skipped.items() if group not in groups}
        survey.answers[group] = [answers] * size
    published = publish(survey)
    assert attack(survey, published).recovered == []
    assert published["respondents"]["hidden_groups"] == sorted({*rules.GROUPS} - {"unpaid_carers"}), (
        "those of which nobody answered among them"
    )
    assert survey.respondents()["policy_makers"] == Tally(1)


GROUPS_OF_39, LARGEST = 6, 152


def bounds_of_an_option(published: Mapping[str, Any], unnamed_voices: int) -> tuple[int, int]:
    """Return how many of the largest group can have chosen one of eight options, by all that is shown."""
    step, program = published["rounded_to"], Program()
    rows = published["respondents"]["by_group"]
    people = {("people", row["group"]): 1.0 for row in rows} | {("people", "hidden"): 1.0}
    program.constrain({("people", "hidden"): 1}, 0, step - 1)
    for row in rows:
        at_least = row["answered"]["at_least"]
        program.constrain({("people", row["group"]): 1}, at_least, at_least + step - 1)
    program.constrain(people, unnamed_voices, LARGE)
    [measure] = published["questions"][0]["measures"]
    [largest] = [row for row in measure["by_group"] if row["group"] == GROUPS[0]]
    for option, count in largest["counts"].items():
        program.constrain({(option,): 1}, count["at_least"], count["at_least"] + step - 1)
    program.constrain({(option,): 1.0 for option in largest["counts"]} | {("people", GROUPS[0]): -1.0}, 0, 0)
    return program.range_of({("o0",): 1})


def test_how_many_voices_were_unnamed_does_not_tell_what_the_tables_hide() -> None:
    """Of groups just below the next step each: the number of all of them would tell what the largest chose."""
    disclosure.set_threshold(10)
    options = [{"id": f"o{number}", "text": "?"} for number in range(8)]
    question = Question.model_validate(
        {"id": "q", "kind": "single_choice", "text": "?", "required": True, "options": options}
    )
    survey = AnsweredSurvey([question])
    survey.answers[GROUPS[0]] = [{"q": f"o{number % 8}"} for number in range(LARGEST)]
    for group in GROUPS[1 : 1 + GROUPS_OF_39]:
        survey.answers[group] = [{"q": "o0"}] * 39
    survey.answers[GROUPS[-1]] = [{"q": "o0"}] * 19
    published = publish(survey)
    everyone = sum(map(len, survey.answers.values()))
    low, high = bounds_of_an_option(published, everyone - everyone % published["rounded_to"])
    assert high - low < disclosure.threshold() - 1, "were it simply rounded down"
    low, high = bounds_of_an_option(published, published["unnamed_voices"])
    assert high - low >= disclosure.threshold() - 1
