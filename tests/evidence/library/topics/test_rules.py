import pytest

from services.evidence.library.topics import rules
from services.evidence.library.topics.tables import Topic
from shared.persistence.tables import new_id
from shared.problems import Invalid


def test_a_topic_is_moved_neither_under_itself_nor_too_deep() -> None:
    top, child = Topic(name="Top"), Topic(name="Child")
    levels = {top.id: 0, child.id: 1, new_id(): 2}
    with pytest.raises(rules.TopicCycle):
        rules.check_parent(levels, child, 1)
    rules.check_parent(levels, Topic(name="Elsewhere"), rules.MAX_LEVELS - 3)
    with pytest.raises(rules.TooDeep):
        rules.check_parent(levels, Topic(name="Elsewhere"), rules.MAX_LEVELS - 2)


def test_a_synonym_is_another_word() -> None:
    assert rules.normalise_synonyms("Breaks", ["Respite  care", "Time off"]) == ["respite care", "time off"]
    for synonyms in (["breaks"], ["Respite", "Time off", " respite "]):
        with pytest.raises(Invalid):
            rules.normalise_synonyms("Breaks", synonyms)


def test_the_tree_stays_small_enough_to_find_ones_way() -> None:
    parent = Topic(name="Deep")
    topic, created = rules.create("Deeper", parent, rules.MAX_LEVELS - 1)
    assert topic.parent_id == created.parent_id == parent.id
    with pytest.raises(rules.TooDeep):
        rules.create("Deepest", parent, rules.MAX_LEVELS)
