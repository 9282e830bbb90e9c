"""The criteria by which an item is judged for another place, and the judgement as it is sent.

The four parts - population, intervention, environment, transfer - and the kinds of things to compare in each follow
the PIET-T process model: T. Schloemer and P. Schroeder-Baeck, "Criteria for evaluating transferability of health
interventions: a systematic review and thematic synthesis", Implementation Science 13:88 (2018),
doi:10.1186/s13012-018-0751-8. It names 44 criteria for health interventions; here are 20 for adult social care, in
words of our own. The first three parts compare the two places, the fourth looks at the transfer itself.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from services.evidence.library.field_types import Country, Line, PastDay, Phrase, Prose, Setting
from shared.views import Body

TransferPart = Literal["population", "intervention", "environment", "transfer"]
PARTS: tuple[TransferPart, ...] = ("population", "intervention", "environment", "transfer")
CriterionJudgement = Literal["fits", "fits_if_adapted", "does_not_fit", "unknown", "not_relevant"]


class JudgedCriterion(Body):
    """How the other place compares with the place that the item is from, and why."""

    judgement: CriterionJudgement
    why: Phrase | None = Field(default=None, description="Required unless the judgement is `unknown`.")

    @model_validator(mode="after")
    def _check_reason(self) -> "JudgedCriterion":
        if self.judgement != "unknown" and self.why is None:
            raise ValueError("Say why in `why`")
        return self


def _criterion(question: str) -> JudgedCriterion | None:
    """Return the field of a criterion. One that nobody judged is unknown."""
    return Field(default=None, description=question)


class PopulationCriteria(Body):
    needs: JudgedCriterion | None = _criterion("Do people there have the needs that it answers, and as many of them?")
    circumstances: JudgedCriterion | None = _criterion("Are their age, homes and families, money and languages alike?")
    culture: JudgedCriterion | None = _criterion("Does it fit what they believe, value and are used to?")
    wish: JudgedCriterion | None = _criterion("Do they want it, and would they take it up?")
    trust: JudgedCriterion | None = _criterion(
        "Do they and those who support them work together in the way that it relies on?"
    )


class InterventionCriteria(Body):
    evidence: JudgedCriterion | None = _criterion(
        "Is it known well enough what it does, at the level at which it would be used there?"
    )
    worth: JudgedCriterion | None = _criterion(
        "Would what it changes matter more there than its cost and possible harm?"
    )
    core: JudgedCriterion | None = _criterion("Is it clear which parts make it work and must stay as they are?")
    adaptability: JudgedCriterion | None = _criterion("Can the other parts be changed to fit the place?")
    effort: JudgedCriterion | None = _criterion("Is it simple enough for those who would do it every day?")


class EnvironmentCriteria(Body):
    law_and_policy: JudgedCriterion | None = _criterion("Do law, duties and policy there allow and support it?")
    money: JudgedCriterion | None = _criterion("Is there money for it, and does it reach whoever bears the cost?")
    organisation: JudgedCriterion | None = _criterion(
        "Is support organised there in the way that it takes for granted?"
    )
    workforce: JudgedCriterion | None = _criterion("Are there the people to do it, with the skills and the time?")
    place: JudgedCriterion | None = _criterion("Do distances, homes, transport and connections allow it?")


class TransferCriteria(Body):
    ownership: JudgedCriterion | None = _criterion(
        "Do those who decide there, and those whom it affects, want it and shape it together?"
    )
    exchange: JudgedCriterion | None = _criterion("Can they learn from those who did it before?")
    routine: JudgedCriterion | None = _criterion("Can it become part of what is done anyway?")
    follow_up: JudgedCriterion | None = _criterion("Will they see whether it works there, and change course?")
    lasting: JudgedCriterion | None = _criterion("Would it last when the first money and the first people are gone?")


CRITERIA: Mapping[TransferPart, type[Body]] = {
    "population": PopulationCriteria,
    "intervention": InterventionCriteria,
    "environment": EnvironmentCriteria,
    "transfer": TransferCriteria,
}
Criteria = PopulationCriteria | InterventionCriteria | EnvironmentCriteria | TransferCriteria


def questions_of(part: TransferPart) -> Iterator[tuple[str, str]]:
    """Yield every criterion of a part with its question."""
    for name, field in CRITERIA[part].model_fields.items():
        yield name, str(field.description)


def judgements_in(criteria: Criteria) -> Iterator[tuple[str, CriterionJudgement]]:
    """Yield every criterion of a part with its judgement."""
    for name in type(criteria).model_fields:
        criterion: JudgedCriterion | None = getattr(criteria, name)
        yield name, criterion.judgement if criterion is not None else "unknown"


class PopulationJudged(Body):
    criteria: PopulationCriteria
    why: Phrase = Field(description="How the people there compare, in a few words.")


class InterventionJudged(Body):
    criteria: InterventionCriteria
    why: Phrase = Field(description="How what is to be done compares, in a few words.")


class EnvironmentJudged(Body):
    criteria: EnvironmentCriteria
    why: Phrase = Field(description="How the place and its rules compare, in a few words.")


class TransferJudged(Body):
    criteria: TransferCriteria
    why: Phrase = Field(description="How the transfer itself would go, in a few words.")


class TransferParts(Body):
    """The four parts of a judgement. Each is judged by its criteria; see `rule` in the response."""

    population: PopulationJudged
    intervention: InterventionJudged
    environment: EnvironmentJudged
    transfer: TransferJudged

    def criteria_of(self, part: TransferPart) -> Criteria:
        judged: PopulationJudged | InterventionJudged | EnvironmentJudged | TransferJudged = getattr(self, part)
        return judged.criteria


JudgedBy = Literal[
    "person_who_draws_on_support",
    "unpaid_carer",
    "frontline_practitioner",
    "manager_or_provider",
    "commissioner",
    "researcher",
    "facilitator",
    "evidence_editor",
    "mixed_group",
]
_FITS: dict[str, Any] = {"judgement": "fits", "why": "Much the same in both places."}
_ADAPTED: dict[str, Any] = {
    "judgement": "fits_if_adapted",
    "why": "Two budgets here, one there: pool them.",
}


class TransferTarget(Body):
    """The place for which an item is judged."""

    country: Country
    setting: Setting | None = None
    service: Line | None = Field(default=None, description="The kind of support there.")


class NewTransferJudgement(Body):
    """A judgement of an item for another place."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "target": {"country": "GB-ENG", "setting": "council team", "service": "hospital discharge"},
                "parts": {
                    "population": {"criteria": {"needs": _FITS}, "why": "Older people with much the same needs."},
                    "intervention": {"criteria": {"core": _FITS}, "why": "One team and one assessment."},
                    "environment": {
                        "criteria": {"money": _ADAPTED},
                        "why": "Health and care are separate here.",
                    },
                    "transfer": {"criteria": {"exchange": _FITS}, "why": "The first team would help."},
                },
                "needs": "A pooled fund of the council and the health service.",
                "judged_by": "commissioner",
                "judged_on": "2024-03-01",
            }
        }
    )

    target: TransferTarget
    parts: TransferParts
    adapted: Prose = Field(default="", description="What was changed to make it fit there, where that was tried.")
    needs: Prose = Field(default="", description="What it would need to work there.")
    judged_by: JudgedBy = Field(description="In what role; no name.")
    judged_on: PastDay
    edition: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None, description="The edition of the item that was judged; the current one where left out."
    )
