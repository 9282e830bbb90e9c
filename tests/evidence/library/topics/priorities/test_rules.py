from hypothesis import given
from hypothesis import strategies as st

from services.evidence.library.topics.priorities import rules
from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.voices.rules import Mentions
from services.evidence.library.topics.voices.tables import SurveyScore
from shared import clock
from shared.events.contracts.evidence import TopicPriorityChanged
from shared.persistence.tables import new_id


def voice(score: int, respondents: int) -> SurveyScore:
    return SurveyScore(
        topic_id=new_id(), survey_id=new_id(), score=score, respondents=respondents, scored_at=clock.now()
    )


def voice_of(**groups: tuple[int, int]) -> SurveyScore:
    """Return the voice of a survey with score and people of each group."""
    survey = voice(0, sum(people for _, people in groups.values()))
    survey.by_group = [{"group": name, "score": score, "people": people} for name, (score, people) in groups.items()]
    return survey


def raised(people: int, *, of: int, topics: int) -> Mentions:
    return Mentions("request", people, of, topics)


def test_one_survey_alone_is_the_priority() -> None:
    assert rules.priority([voice(72, 2165)]) == 72


def test_each_survey_weighs_as_many_as_answered_it() -> None:
    assert rules.priority([voice(90, 300), voice(10, 100)]) == 70


def test_each_group_weighs_the_same_in_whichever_survey_it_answered() -> None:
    carers, practitioners = voice_of(unpaid_carers=(90, 120)), voice_of(frontline_practitioners=(10, 5))
    assert rules.priority([carers, practitioners]) == 50
    assert rules.priority([carers, voice_of(unpaid_carers=(10, 120), frontline_practitioners=(10, 5))]) == 30


def test_what_a_group_scored_in_several_surveys_is_weighted_by_how_many_of_it_answered() -> None:
    carers = [voice_of(unpaid_carers=(90, 30)), voice_of(unpaid_carers=(10, 10))]
    assert rules.priority(carers) == 70
    assert rules.priority([*carers, voice_of(researchers=(10, 1))]) == 40


def test_results_from_before_groups_were_published_are_a_group_of_their_own() -> None:
    assert rules.priority([voice(90, 300), voice_of(researchers=(10, 5), others=(50, 5))]) == 50


def test_of_one_survey_the_priority_is_the_score_that_it_published() -> None:
    survey = voice_of(unpaid_carers=(98, 30), researchers=(3, 30))
    survey.score = 50  # of 97.5 and 2.5
    assert rules.priority([survey]) == 50


def test_halves_go_upwards() -> None:
    assert rules.priority([voice(50, 1), voice(51, 1)]) == 51


def test_without_an_answer_there_is_no_priority() -> None:
    assert rules.priority([]) is None
    assert rules.priority([voice(90, 0)]) is None


def test_an_unchanged_priority_is_not_published_again() -> None:
    topic, survey = Topic(name="Breaks"), new_id()
    changed = rules.reprioritise(topic, [voice(60, 10)], cause=rules.Cause("survey", survey))
    assert changed == TopicPriorityChanged(topic_id=topic.id, priority=60, by="survey", source_id=survey)
    assert rules.reprioritise(topic, [voice(60, 10)], cause=rules.Cause("survey", survey)) is None


def test_what_is_raised_as_often_as_the_average_topic_scores_50() -> None:
    assert [raised(people, of=100, topics=4).score for people in (25, 50, 90, 10, 15)] == [50, 100, 100, 20, 30]


def test_fewer_than_the_threshold_do_not_count(fewest_shown: int) -> None:
    few, enough = [raised(people, of=people, topics=1) for people in (2 * fewest_shown - 1, 2 * fewest_shown)]
    assert (few.score, enough.score) == (None, 50)
    assert (rules.priority([], [few]), rules.priority([], [enough])) == (None, 50)
    assert rules.priority([voice(30, 10)], [few]) == 30 < (rules.priority([voice(30, 10)], [enough]) or 0)
    assert f"fewer than {2 * fewest_shown} people do not count." in rules.explanation()


def test_assemblies_and_requests_raise_a_priority_and_never_lower_it() -> None:
    quiet, loud = raised(10, of=100, topics=2), raised(90, of=100, topics=2)
    assert rules.priority([voice(60, 200)], [quiet]) == 60
    assert rules.priority([voice(60, 200)], [loud]) == round((60 * 200 + 90 * 90) / 290)
    assert rules.counts(loud, [voice(60, 200)])
    assert not rules.counts(quiet, [voice(60, 200)])


def test_what_scores_no_higher_than_the_surveys_has_no_part_in_a_priority() -> None:
    level = raised(60, of=200, topics=4)
    assert level.score == 60
    assert not rules.counts(level, [voice(60, 200)])
    assert rules.counts(level, [voice(59, 200)])


def test_no_loud_source_decides_alone() -> None:
    flood = raised(1_000_000, of=1_000_000, topics=9)
    assert rules.priority([voice(10, 100)], [flood]) == 40
    assert rules.priority([voice(10, 100)], [flood, flood]) == 55
    assert rules.priority([], [flood]) == 75


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 5_000)), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 5_000), st.integers(1, 40)), max_size=2),
)
def test_surveys_keep_at_least_half_of_the_say(
    surveys: list[tuple[int, int]], mentions: list[tuple[int, int, int]]
) -> None:
    voices = [voice(score, people) for score, people in surveys]
    loud = [raised(people, of=people + others, topics=topics) for people, others, topics in mentions]
    alone, together = rules.priority(voices), rules.priority(voices, loud)
    assert alone is not None
    assert together is not None
    assert alone <= together <= (alone + 100) / 2 + 1


def test_until_a_survey_asks_a_priority_stays_in_the_middle() -> None:
    assert rules.priority([], [raised(10, of=1_000, topics=9)]) == 28
    assert rules.priority([voice(90, 0)], [raised(19, of=19, topics=1)]) == 50
