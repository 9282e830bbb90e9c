"""Many attacks on random surveys."""

import random
from typing import Any

from services.engagement.surveys.results import rules
from shared import disclosure
from tests.attack.attacker import Findings, attack
from tests.attack.surveys import AnsweredSurvey, random_survey

THRESHOLDS = (3, 5, 10, 10, 10, 20)


def publish(survey: AnsweredSurvey) -> dict[str, Any]:
    """Return the public results as JSON, without the words. Everyone answered by an invitation for nobody known."""
    published = rules.publish(survey.questions, survey.respondents(), survey.tables())
    everyone = sum(map(len, survey.answers.values()))
    return published.model_dump(mode="json") | {
        "fewest_shown": disclosure.threshold(),
        "unnamed_voices": rules.unnamed_voices(published, frozenset(), everyone),
    }


def attack_surveys(number: int, chance: random.Random) -> Findings:
    """Attack so many random surveys, at several thresholds."""
    findings = Findings()
    for _ in range(number):
        disclosure.set_threshold(chance.choice(THRESHOLDS))
        survey = random_survey(chance)
        findings.add(attack(survey, publish(survey)))
    return findings
