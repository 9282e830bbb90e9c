"""What is asked before something is carried to another place.

The four parts - population, intervention, environment, transfer - and the kinds of things to compare in each follow
the PIET-T process model: T. Schloemer and P. Schroeder-Baeck, "Criteria for evaluating transferability of health
interventions: a systematic review and thematic synthesis", Implementation Science 13:88 (2018),
doi:10.1186/s13012-018-0751-8. It names 44 criteria for health interventions; here are 20 for adult social care, in
words of our own. The first three parts compare the two places, the fourth looks at the carrying over itself.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from services.evidence.library.field_types import Phrase
from shared.views import Body

Part = Literal["population", "intervention", "environment", "transfer"]
PARTS: tuple[Part, ...] = ("population", "intervention", "environment", "transfer")
Judged = Literal["fits", "fits_if_adapted", "does_not_fit", "unknown", "not_relevant"]


class JudgedCriterion(Body):
    """How it is there, beside the place that the item is from, and why."""

    judgement: Judged
    why: Phrase | None = Field(default=None, description="Needed unless it is unknown.")

    @model_validator(mode="after")
    def _reasoned(self) -> "JudgedCriterion":
        if self.judgement != "unknown" and self.why is None:
            raise ValueError("Say why in `why`")
        return self


def _asked(question: str) -> JudgedCriterion | None:
    """A criterion. What nobody judged is unknown."""
    return Field(default=None, description=question)


class PopulationCriteria(Body):
    needs: JudgedCriterion | None = _asked("Do people there have the needs that it answers, and as many of them?")
    circumstances: JudgedCriterion | None = _asked("Are their age, homes and families, money and languages alike?")
    culture: JudgedCriterion | None = _asked("Does it fit what they believe, value and are used to?")
    wish: JudgedCriterion | None = _asked("Do they want it, and would they take it up?")
    trust: JudgedCriterion | None = _asked(
        "Do they and those who support them work together in the way that it relies on?"
    )


class InterventionCriteria(Body):
    evidence: JudgedCriterion | None = _asked(
        "Is it known well enough what it does, at the level at which it would be used there?"
    )
    worth: JudgedCriterion | None = _asked("Would what it changes matter more there than its cost and possible harm?")
    core: JudgedCriterion | None = _asked("Is it clear which parts make it work and must stay as they are?")
    adaptability: JudgedCriterion | None = _asked("Can the other parts be changed to fit the place?")
    effort: JudgedCriterion | None = _asked("Is it simple enough for those who would do it every day?")


class EnvironmentCriteria(Body):
    law_and_policy: JudgedCriterion | None = _asked("Do law, duties and policy there allow and support it?")
    money: JudgedCriterion | None = _asked("Is there money for it, and does it reach whoever bears the cost?")
    organisation: JudgedCriterion | None = _asked("Is support organised there in the way that it takes for granted?")
    workforce: JudgedCriterion | None = _asked("Are there the people to do it, with the skills and the time?")
    place: JudgedCriterion | None = _asked("Do distances, homes, transport and connections allow it?")


class TransferCriteria(Body):
    ownership: JudgedCriterion | None = _asked(
        "Do those who decide there, and those whom it affects, want it and shape it together?"
    )
    exchange: JudgedCriterion | None = _asked("Can they learn from those who did it before?")
    routine: JudgedCriterion | None = _asked("Can it become part of what is done anyway?")
    follow_up: JudgedCriterion | None = _asked("Will they see whether it works there, and change course?")
    lasting: JudgedCriterion | None = _asked("Would it last when the first money and the first people are gone?")


Criteria = PopulationCriteria | InterventionCriteria | EnvironmentCriteria | TransferCriteria


def judged(criteria: Criteria) -> Iterator[tuple[str, Judged]]:
    """Every criterion of a part with its judgement."""
    for name in type(criteria).model_fields:
        given: BaseModel | None = getattr(criteria, name)
        yield name, given.judgement if isinstance(given, JudgedCriterion) else "unknown"


class PopulationJudged(Body):
    criteria: PopulationCriteria
    why: Phrase = Field(description="How it stands with the people there, in a few words.")


class InterventionJudged(Body):
    criteria: InterventionCriteria
    why: Phrase = Field(description="How it stands with what is to be done, in a few words.")


class EnvironmentJudged(Body):
    criteria: EnvironmentCriteria
    why: Phrase = Field(description="How it stands with the place and its rules, in a few words.")


class TransferJudged(Body):
    criteria: TransferCriteria
    why: Phrase = Field(description="How it stands with carrying it over, in a few words.")


class TransferParts(Body):
    """The four parts of a judgement. Each is judged by its criteria; see `rule` in the answer."""

    population: PopulationJudged
    intervention: InterventionJudged
    environment: EnvironmentJudged
    transfer: TransferJudged

    def criteria_of(self, part: Part) -> Criteria:
        of: PopulationJudged | InterventionJudged | EnvironmentJudged | TransferJudged = getattr(self, part)
        return of.criteria
