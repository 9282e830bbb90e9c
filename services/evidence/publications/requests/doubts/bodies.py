"""Decisions about answers in doubt, as staff send them."""

from pydantic import ConfigDict, Field, model_validator

from services.evidence.publications.guides.documents.plain_text import PlainText
from services.evidence.publications.requests.bodies import AnswerText
from services.evidence.publications.requests.tables import DoubtDecision
from shared.views import Body


class NewAnswerDecision(Body):
    """`keep` leaves the answer as it is, `revise` replaces it; what was withdrawn or retracted is cited no more."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "turn": 1,
                "decision": "revise",
                "because": "The account was withdrawn; two studies say the same.",
                "answer": "Breaks planned together with the person are taken more often.",
                "public_answer": "Breaks planned together with the person are taken more often.",
            }
        }
    )

    turn: int = Field(ge=1, description="The number of the question whose answer it is.")
    decision: DoubtDecision
    because: PlainText = Field(min_length=1, description="Shown to whoever asked, and to readers.")
    answer: AnswerText | None = Field(default=None, description="Required with `revise`.")
    public_answer: AnswerText | None = Field(
        default=None,
        description="With `revise`: what everyone reads from now on. Without it, the answer is not public.",
    )

    @model_validator(mode="after")
    def _check_answer(self) -> "NewAnswerDecision":
        if self.decision == "revise" and self.answer is None:
            raise ValueError("Send in `answer` how the answer reads from now on")
        if self.decision == "keep" and (self.answer is not None or self.public_answer is not None):
            raise ValueError("Leave `answer` and `public_answer` out, or send `revise`")
        return self
