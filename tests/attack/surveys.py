"""Random surveys, and what everybody answered in them: the truth that an attacker is after."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.results.rules import TOTAL, Tally, measured_options
from services.engagement.surveys.surveys.rules import Question

GROUPS = [group.value for group in StakeholderGroup]
KINDS = ("score", "rank", "single_choice", "free_text")
SIZES = ((1, 9), (1, 9), (10, 40), (20, 60), (60, 200))

Answers = dict[str, Any]


@dataclass
class AnsweredSurvey:
    """A survey with all its answers, by group."""

    questions: list[Question]
    answers: dict[str, list[Answers]] = field(default_factory=dict[str, list[Answers]])

    def respondents(self) -> dict[str, Tally]:
        """Return how many of each group answered."""
        return {group: Tally(len(people)) for group, people in self.answers.items()}

    def tables(self) -> dict[tuple[str, str | None], dict[str, Tally]]:
        """Return the exact tables of all questions."""
        return {
            (question.id, option): {
                group: tally
                for group, people in self.answers.items()
                if (tally := _tally(question, answers_to(people, question, option))).answered
            }
            for question in self.questions
            for option in measured_options(question)
        }


def answers_to(people: Sequence[Answers], question: Question, option: str | None) -> list[Any]:
    """Return what these people answered to the question, or scored this option of it."""
    answers = [answers[question.id] for answers in people if question.id in answers]
    return answers if option is None else [scores[option] for scores in answers if option in scores]


def _tally(question: Question, answers: Sequence[Any]) -> Tally:
    if question.kind == "score":
        return Tally(len(answers), {TOTAL: sum(answers)})
    if question.kind == "single_choice":
        return Tally(len(answers), {chosen: answers.count(chosen) for chosen in set(answers)})
    if question.kind == "rank":
        ids = [option.id for option in question.options]
        return Tally(len(answers), {id: sum(doubled_points(ballot, ids)[id] for ballot in answers) for id in ids})
    return Tally(len(answers))


def doubled_points(ballot: Sequence[str], options: Sequence[str]) -> dict[str, int]:
    """Return twice the Borda points of one ballot: what it leaves out shares equally what is left."""
    share = len(options) - len(ballot) - 1
    return {option: 2 * (len(options) - 1 - ballot.index(option)) if option in ballot else share for option in options}


def random_survey(chance: random.Random) -> AnsweredSurvey:
    """Return a survey of one to eight groups of 1 to 200 people, some of them of one mind, some skipping questions."""
    questions = [_question(chance, number) for number in range(chance.randint(1, 4))]
    survey = AnsweredSurvey(questions)
    for group in chance.sample(GROUPS, chance.randint(1, len(GROUPS))):
        size = chance.randint(*chance.choice(SIZES))
        minds = {question.id: _mind(chance, question) for question in questions}
        skips = {question.id: chance.choice((0, 0, 0.03, 0.3, 0.9)) for question in questions}
        people = [
            {
                question.id: minds[question.id]()
                for question in questions
                if question.required or chance.random() >= skips[question.id]
            }
            for _ in range(size)
        ]
        survey.answers[group] = people
    return survey


def _question(chance: random.Random, number: int) -> Question:
    kind = chance.choice(KINDS)
    options = 0 if kind == "free_text" else chance.randint(2, 4 if kind == "rank" else 6)
    if kind == "score" and chance.random() < 0.5:
        options = 0
    lowest, highest = chance.choice(((1, 5), (0, 1), (0, 10), (-2, 2)))
    return Question.model_validate(
        {
            "id": f"q{number}",
            "kind": kind,
            "text": "?",
            "required": chance.random() < 0.4,
            "lowest": lowest,
            "highest": highest,
            "options": [
                {
                    "id": f"o{option}",
                    "text": "?",
                    "topic_id": UUID(int=option + 1) if kind in ("score", "rank") else None,
                }
                for option in range(options)
            ],
        }
    )


def _mind(chance: random.Random, question: Question) -> Any:
    """Return what gives one more answer of a group: all alike, all but one, most, or any."""
    usual, spread = _any_answer(chance, question), chance.choice((0, 0, 0.03, 0.1, 0.3, 1))
    dissenters = chance.choice((0, 0, 1))

    def answer() -> Any:
        nonlocal dissenters
        if dissenters:
            dissenters -= 1
            return _any_answer(chance, question)
        return _any_answer(chance, question) if chance.random() < spread else usual

    return answer


def _any_answer(chance: random.Random, question: Question) -> Any:
    ids = [option.id for option in question.options]
    match question.kind:
        case "score" if ids:
            scored = chance.sample(ids, chance.randint(1, len(ids)))
            return {id: chance.randint(question.lowest, question.highest) for id in scored}
        case "score":
            return chance.choice((question.lowest, question.highest, chance.randint(question.lowest, question.highest)))
        case "rank":
            return chance.sample(ids, chance.choice((len(ids), chance.randint(1, len(ids)))))
        case "single_choice":
            return chance.choice(ids)
        case _:
            return "words"
