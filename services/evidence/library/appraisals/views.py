"""Appraisals as they are answered: to the public when they are resolved, to staff with who said what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.evidence.library.appraisals import rules
from services.evidence.library.appraisals.instruments import INSTRUMENTS, Answer
from services.evidence.library.appraisals.tables import Appraisal, Judgement
from shared.events.contracts.evidence import WayOfKnowing
from shared.views import View

Status = Literal["open", "differing", "resolved"]


class CriterionView(View):
    """One question of an instrument."""

    code: str
    question: str
    screening: bool = Field(description="Where it is not a yes, the criteria after it may not apply.")


class InstrumentView(View):
    """How one kind of evidence is appraised. It has no score."""

    code: str
    name: str
    source: str
    way_of_knowing: WayOfKnowing
    designs: list[str] = Field(description="Of research: the designs that it fits. Empty: where none was noted.")
    kinds: list[str] = Field(description="Of research: the kinds of works that it fits. Empty: all.")
    criteria: list[CriterionView]


class AgreementView(View):
    """How alike two people judged."""

    compared: int = Field(description="Criteria that both answered.")
    agreed: int
    percent: float | None = Field(description="Of the criteria compared; null where there are none.")
    kappa: float | None = Field(
        description="Cohen's kappa: 1 is full agreement, 0 what chance would bring. Null where it is not defined: "
        "nothing was compared, or both gave one and the same answer throughout."
    )


class AppraisedCriterion(View):
    """What the appraisal says of one criterion."""

    criterion: str
    question: str
    answer: Answer | None = Field(description="Null until the appraisal is resolved.")
    discussed: bool = Field(description="The two differed, and settled it by talking.")
    reason: str | None = Field(description="How it was settled: for staff.")


class JudgedAnswer(View):
    """What one person answered."""

    criterion: str
    answer: Answer
    comment: str | None


class JudgementView(View):
    """One person's judgement."""

    appraiser_id: UUID
    handed_in_at: datetime
    answers: list[JudgedAnswer]


class AppraisalView(View):
    """One edition of an item, judged by two people on the terms of its kind."""

    id: UUID
    item_id: UUID
    instrument: str
    status: Status
    appraised_edition: int
    outdated: bool = Field(description="The item has a later edition than the one that was appraised.")
    resolved_at: datetime | None
    criteria: list[AppraisedCriterion]
    agreement: AgreementView | None = Field(description="Before they talked; null until both have judged.")
    handed_in: int = Field(description="How many of the two have judged.")
    differences: list[str] | None = Field(description="The criteria that they answered differently: for staff.")
    judgements: list[JudgementView] | None = Field(
        description="For staff: your own, and the other's once both are in. Null for everyone else."
    )


class AppraisalList(View):
    """The appraisals of one item."""

    items: list[AppraisalView]
    fitting: list[str] = Field(description="The instruments that fit this item.")


def instruments(found: Sequence[rules.Instrument]) -> list[InstrumentView]:
    return [
        InstrumentView(
            code=each.code,
            name=each.name,
            source=each.source,
            way_of_knowing=each.way_of_knowing,
            designs=sorted(design for design in each.designs if design),
            kinds=sorted(each.kinds or ()),
            criteria=[CriterionView.model_validate(criterion) for criterion in each.criteria],
        )
        for each in found
    ]


def view(appraisal: Appraisal, judged: Sequence[Judgement], current_edition: int, staff: UUID | None) -> AppraisalView:
    """`staff`: who of the staff is reading; None for the public."""
    both = len(judged) == rules.APPRAISERS
    differing = rules.differences(judged[0].answers, judged[1].answers) if both else []
    return AppraisalView(
        id=appraisal.id,
        item_id=appraisal.item_id,
        instrument=appraisal.instrument,
        status=appraisal.state,  # pyright: ignore[reportArgumentType]  the database allows these alone
        appraised_edition=appraisal.edition,
        outdated=current_edition > appraisal.edition,
        resolved_at=appraisal.resolved_at,
        criteria=_criteria(appraisal, judged, for_staff=staff is not None),
        agreement=AgreementView.model_validate(_agreement(judged)) if both else None,
        handed_in=len(judged),
        differences=differing if both and staff else None,
        judgements=[_judgement(each) for each in judged if both or each.appraiser_id == staff] if staff else None,
    )


def _criteria(appraisal: Appraisal, judged: Sequence[Judgement], *, for_staff: bool) -> list[AppraisedCriterion]:
    answers = rules.resolved_answers(appraisal, judged[0]) if appraisal.state == "resolved" else {}
    return [
        AppraisedCriterion(
            criterion=each.code,
            question=each.question,
            answer=answers.get(each.code),  # pyright: ignore[reportArgumentType]  checked when it was handed in
            discussed=each.code in appraisal.settled,
            reason=appraisal.reasons.get(each.code) if for_staff else None,
        )
        for each in INSTRUMENTS[appraisal.instrument].criteria
    ]


def _agreement(judged: Sequence[Judgement]) -> rules.Agreement:
    first, second = judged
    return rules.agreement([(answer, second.answers[code]) for code, answer in first.answers.items()])


def _judgement(judged: Judgement) -> JudgementView:
    return JudgementView(
        appraiser_id=judged.appraiser_id,
        handed_in_at=judged.created_at,
        answers=[
            JudgedAnswer.model_validate({"criterion": code, "answer": answer, "comment": judged.comments.get(code)})
            for code, answer in judged.answers.items()
        ],
    )
