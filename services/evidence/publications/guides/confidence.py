"""How sure a team is of a statement, in the terms of what the statement is: no scale is shared across kinds.

A finding from qualitative research is judged by GRADE-CERQual, in four components: Lewin S, Bohren M, Rashidian A and
others, "Applying GRADE-CERQual to qualitative evidence synthesis findings, paper 2", Implementation Science 2018,
13 (Suppl 1): 10, doi:10.1186/s13012-017-0689-2. The team begins at high and goes down as far as its concerns about the
components, taken together, ask for. That is a judgement and no sum: nothing here works out the overall confidence.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.evidence.publications.guides.words import Plain, Sentence
from shared.problems import FieldError
from shared.views import Body

Concerns = Literal["no_or_very_minor", "minor", "moderate", "serious"]
Overall = Literal["high", "moderate", "low", "very_low"]
HIGHEST: tuple[Overall, ...] = ("high", "moderate", "low")
"""The highest overall confidence with none, one, and two or more serious concerns.

This limit is the centre's own and not CERQual's: it stops a slip of the pen, and leaves all that is below to the team.
"""
LEVELS: tuple[Overall, ...] = ("high", "moderate", "low", "very_low")
COMPONENTS = ("methodological_limitations", "coherence", "adequacy", "relevance")


class CerqualComponent(Body):
    """How much there is to be concerned about in one respect, and why."""

    model_config = ConfigDict(frozen=True)

    concerns: Concerns
    reason: Plain = Field(min_length=1)


class QualitativeConfidence(Body):
    """GRADE-CERQual: confidence that a finding of qualitative research fairly shows what it speaks of."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["qualitative_finding"]
    methodological_limitations: CerqualComponent = Field(description="How the studies behind it were done.")
    coherence: CerqualComponent = Field(description="How well the finding fits what the studies found.")
    adequacy: CerqualComponent = Field(description="Whether there is enough behind it, and rich enough.")
    relevance: CerqualComponent = Field(description="Whether its people and places are those of the guide.")
    overall: Overall = Field(description="Chosen by the team, from high downwards; never worked out.")
    explanation: Plain = Field(min_length=1)


class PlainConfidence(Body):
    """How sure the team is of any other statement, in words, with the reason. It is no scale."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["in_plain_words"]
    confidence: Sentence = Field(examples=["Four teams saw the same; nobody has looked at it for longer than a year."])
    reason: Plain = Field(min_length=1)


Confidence = Annotated[QualitativeConfidence | PlainConfidence, Field(discriminator="kind")]


def too_sure(confidence: QualitativeConfidence, pointer: str) -> list[FieldError]:
    """What is refused: more confidence than serious concerns allow (`HIGHEST`)."""
    serious = [name for name in COMPONENTS if getattr(confidence, name).concerns == "serious"]
    highest = HIGHEST[min(len(serious), len(HIGHEST) - 1)]
    if LEVELS.index(confidence.overall) >= LEVELS.index(highest):
        return []
    about = " and ".join(name.replace("_", " ") for name in serious)
    detail = f"With serious concerns about {about}, choose {highest} or lower, or look at the concerns again."
    return [FieldError(pointer=f"{pointer}/overall", detail=detail)]
