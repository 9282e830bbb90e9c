"""The confidence of a team in a statement, expressed in terms that fit the statement: kinds share no scale.

A finding from qualitative research is judged by GRADE-CERQual, in four components: Lewin S, Bohren M, Rashidian A and
others, "Applying GRADE-CERQual to qualitative evidence synthesis findings, paper 2", Implementation Science 2018,
13 (Suppl 1): 10, doi:10.1186/s13012-017-0689-2. The team begins at high and goes down as far as its concerns about the
components, taken together, require. That is a judgement and not a sum: the overall confidence is never computed.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.evidence.publications.guides.documents.plain_text import PlainText, Sentence
from shared.problems import FieldError
from shared.views import Body

Concerns = Literal["no_or_very_minor", "minor", "moderate", "serious"]
Overall = Literal["high", "moderate", "low", "very_low"]
HIGHEST_OVERALL: tuple[Overall, ...] = ("high", "moderate", "low")
"""The highest overall confidence with none, one, and two or more serious concerns.

This limit is the centre's own and not CERQual's: it catches slips, and leaves everything below it to the team.
"""
OVERALL_LEVELS: tuple[Overall, ...] = ("high", "moderate", "low", "very_low")
COMPONENTS = ("methodological_limitations", "coherence", "adequacy", "relevance")


class CerqualComponent(Body):
    """The concerns about one component, and the reason for them."""

    model_config = ConfigDict(frozen=True)

    concerns: Concerns
    reason: PlainText = Field(min_length=1)


class QualitativeConfidence(Body):
    """GRADE-CERQual: confidence that a qualitative finding reasonably represents the phenomenon of interest."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["qualitative_finding"]
    methodological_limitations: CerqualComponent = Field(description="How well the underlying studies were done.")
    coherence: CerqualComponent = Field(description="How well the finding fits what the studies found.")
    adequacy: CerqualComponent = Field(description="Whether the data are rich and plentiful enough.")
    relevance: CerqualComponent = Field(
        description="Whether people and settings of the studies match those of the guide."
    )
    overall: Overall = Field(description="Chosen by the team, from high downwards; never computed.")
    explanation: PlainText = Field(min_length=1)


class PlainConfidence(Body):
    """How sure the team is of any other statement, in words, with the reason. There is no scale."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["in_plain_words"]
    confidence: Sentence = Field(examples=["Four teams saw the same; nobody has looked at it for longer than a year."])
    reason: PlainText = Field(min_length=1)


Confidence = Annotated[QualitativeConfidence | PlainConfidence, Field(discriminator="kind")]


def find_excess_confidence(confidence: QualitativeConfidence, pointer: str) -> list[FieldError]:
    """Return an error where the overall confidence is higher than serious concerns allow (`HIGHEST_OVERALL`)."""
    serious = [name for name in COMPONENTS if getattr(confidence, name).concerns == "serious"]
    highest = HIGHEST_OVERALL[min(len(serious), len(HIGHEST_OVERALL) - 1)]
    if OVERALL_LEVELS.index(confidence.overall) >= OVERALL_LEVELS.index(highest):
        return []
    components = " and ".join(name.replace("_", " ") for name in serious)
    detail = f"With serious concerns about {components}, choose {highest} or lower, or look at the concerns again."
    return [FieldError(pointer=f"{pointer}/overall", detail=detail)]
