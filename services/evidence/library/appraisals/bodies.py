"""What the appraisers and editors of an item send."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from services.evidence.library.appraisals.tables import Answer
from shared.views import Body

READERS_OF_REASONS = (
    "For staff; once the appraisal is resolved, also for the person whose account or practice it judges, without your "
    "name."
)
CriterionCode = Annotated[str, StringConstraints(max_length=10)]
Comment = Annotated[str, StringConstraints(max_length=5_000, strip_whitespace=True)]


class NewAppraisal(Body):
    """The instrument by which an item is to be appraised."""

    model_config = ConfigDict(json_schema_extra={"example": {"instrument": "jbi-narrative"}})

    instrument: Annotated[str, StringConstraints(max_length=40)]


class CriterionAnswer(Body):
    """One appraiser's answer to one criterion."""

    criterion: CriterionCode
    answer: Answer
    comment: Comment | None = Field(default=None, description=READERS_OF_REASONS)


class NewJudgement(Body):
    """Your answers to every criterion. They cannot be changed, so that both judge independently."""

    answers: Annotated[list[CriterionAnswer], Field(max_length=50)]


class CriterionResolution(Body):
    """The answer to a criterion that the two answered differently."""

    criterion: CriterionCode
    answer: Answer
    reason: Annotated[Comment, StringConstraints(min_length=1)] = Field(description=READERS_OF_REASONS)


class AppraisalResolution(Body):
    """An answer and a reason for each criterion that the two answered differently."""

    resolutions: Annotated[list[CriterionResolution], Field(max_length=50)]


class ProposalDecline(Body):
    """Why you do not agree to what was proposed."""

    because: Annotated[Comment, StringConstraints(min_length=1)] = Field(description="For staff alone.")
