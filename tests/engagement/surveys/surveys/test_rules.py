from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.engagement.surveys.surveys import rules
from services.engagement.surveys.surveys.rules import Question
from services.engagement.surveys.surveys.tables import Survey
from shared.events.contracts.engagement import SurveyOpened

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
BREAKS, PAY = UUID(int=1), UUID(int=2)


def options(*topics: UUID | None) -> list[dict[str, Any]]:
    return [{"id": f"o{n}", "text": f"Option {n}", "topic_id": topic} for n, topic in enumerate(topics)]


def draft(*questions: dict[str, Any], closes_on: date | None = None) -> Survey:
    parsed = [Question.model_validate(question) for question in questions]
    return Survey(title="What first?", questions=rules.to_json(parsed), closes_on=closes_on)


RANK = {"id": "order", "kind": "rank", "text": "What first?", "options": options(BREAKS, PAY)}


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"options": options(None)}, "at least two"),
        ({"kind": "single_choice", "options": []}, "at least two"),
        ({"kind": "free_text"}, "no options"),
        ({"kind": "score", "lowest": 5, "highest": 5}, "less than"),
        ({"kind": "single_choice"}, "stand for a topic"),
        ({"options": options(BREAKS, BREAKS)}, "topics of options must differ"),
        ({"options": [*options(None), *options(None)]}, "option ids must differ"),
        ({"kind": "essay"}, "Input should be"),
        ({"id": "with space"}, "pattern"),
    ],
)
def test_a_question_must_fit_its_kind(changed: dict[str, Any], because: str) -> None:
    with pytest.raises(ValidationError, match=because):
        Question.model_validate(RANK | changed)


def test_questions_come_back_from_the_row_as_they_were() -> None:
    questions = [
        Question.model_validate(RANK),
        Question(id="ease", kind="score", text="How easy?", lowest=0, highest=10),
        Question(id="more", kind="free_text", text="What else?", required=True),
    ]
    assert list(rules.questions_of(Survey(title="x", questions=rules.to_json(questions)))) == questions


def test_an_opened_survey_says_which_topics_it_asks_about_each_once() -> None:
    score = {"id": "need", "kind": "score", "text": "How urgent?", "options": options(PAY)}
    survey = draft(RANK, score)
    assert rules.open_survey(survey, NOW, TODAY) == SurveyOpened(survey_id=survey.id, topic_ids=(BREAKS, PAY))
    assert (survey.status, survey.opened_at) == ("open", NOW)


def test_a_survey_without_questions_or_with_a_day_that_is_over_does_not_open() -> None:
    with pytest.raises(rules.SurveyIncomplete) as refused:
        rules.open_survey(draft(closes_on=date(2026, 11, 22)), NOW, TODAY)
    assert [error.pointer for error in refused.value.errors] == ["/questions", "/closes_on"]
    rules.open_survey(draft(RANK, closes_on=TODAY), NOW, TODAY)


def test_a_survey_opens_once_closes_once_and_never_changes_after_opening() -> None:
    survey = draft(RANK)
    with pytest.raises(rules.SurveyNotOpen):
        rules.close_survey(survey, NOW)
    rules.open_survey(survey, NOW, TODAY)
    with pytest.raises(rules.SurveyNotDraft):
        rules.check_draft(survey)
    with pytest.raises(rules.SurveyNotDraft):
        rules.open_survey(survey, NOW, TODAY)
    rules.close_survey(survey, NOW)
    with pytest.raises(rules.SurveyClosed):
        rules.close_survey(survey, NOW)


def test_unknown_topics_are_named_where_they_stand() -> None:
    with pytest.raises(rules.TopicUnknown) as refused:
        rules.check_topics([Question.model_validate(RANK)], {BREAKS})
    assert [error.pointer for error in refused.value.errors] == ["/questions/0/options/1/topic_id"]
