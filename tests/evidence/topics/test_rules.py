import pytest

from services.evidence.topics import rules
from services.evidence.topics.tables import PriorityVoice, Topic
from shared import clock
from shared.tables import new_id


def voice(score: int, respondents: int) -> PriorityVoice:
    return PriorityVoice(
        topic_id=new_id(), survey_id=new_id(), score=score, respondents=respondents, heard_at=clock.now()
    )


def test_one_survey_alone_is_the_priority() -> None:
    assert rules.priority([voice(72, 2165)]) == 72


def test_each_survey_weighs_as_many_as_answered_it() -> None:
    assert rules.priority([voice(90, 300), voice(10, 100)]) == 70


def test_halves_go_upwards() -> None:
    assert rules.priority([voice(50, 1), voice(51, 1)]) == 51


def test_without_an_answer_there_is_no_priority() -> None:
    assert rules.priority([]) is None
    assert rules.priority([voice(90, 0)]) is None


def test_a_priority_that_stays_is_not_told_again() -> None:
    topic, survey = Topic(name="Breaks"), new_id()
    told = rules.hear(topic, [voice(60, 10)], survey)
    assert told is not None
    assert (told.topic_id, told.priority, told.survey_id) == (topic.id, 60, survey)
    assert rules.hear(topic, [voice(60, 10)], survey) is None


def test_the_tree_stays_small_enough_to_find_ones_way() -> None:
    parent = Topic(name="Deep")
    topic, created = rules.create("Deeper", parent, rules.DEEPEST - 1)
    assert topic.parent_id == created.parent_id == parent.id
    with pytest.raises(rules.TooDeep):
        rules.create("Deepest", parent, rules.DEEPEST)
