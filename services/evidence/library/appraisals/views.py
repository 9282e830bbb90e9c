"""Appraisals as they are sent and returned: to the public when they are resolved, to staff with who judged what."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.evidence.callers import is_editor
from services.evidence.library.appraisals import rules
from services.evidence.library.appraisals.instruments import INSTRUMENTS, Instrument
from services.evidence.library.appraisals.queries import AppraisalRecord, InstrumentCount
from services.evidence.library.appraisals.tables import Answer, Appraisal, AppraisalStatus, Judgement
from shared.callers import Caller
from shared.events.contracts.evidence import WayOfKnowing
from shared.views import View


class CriterionView(View):
    """One question of an instrument."""

    code: str
    question: str
    screening: bool = Field(description="Where it is not answered with yes, the criteria after it may not apply.")


class InstrumentView(View):
    """How one kind of evidence is appraised. It has no score."""

    code: str
    name: str
    source: str
    way_of_knowing: WayOfKnowing
    designs: list[str] = Field(description="Of research: the designs that it fits. Empty: where none was noted.")
    kinds: list[str] = Field(description="Of research: the kinds of works that it fits. Empty: all.")
    not_applicable: bool = Field(
        description="Whether any criterion may be skipped; otherwise only where a screening question is not answered "
        "with yes."
    )
    criteria: list[CriterionView]


class InstrumentList(View):
    """The instruments, each for its own kind of evidence."""

    items: list[InstrumentView]


class AgreementView(View):
    """How far two people agree."""

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
    discussed: bool = Field(description="The two differed, and it was settled afterwards.")
    reason: str | None = Field(
        description="How it was settled: for staff, and for the person whose account or practice was judged."
    )
    comments: list[str] | None = Field(
        description="Why the two answered so, without their names: for the person whose account or practice was "
        "judged, once it is resolved. Staff read them in `judgements`."
    )


class AnswerView(View):
    """What one appraiser answered."""

    criterion: str
    answer: Answer
    comment: str | None


class JudgementView(View):
    """One appraiser's judgement."""

    appraiser_id: UUID
    submitted_at: datetime
    answers: list[AnswerView]


class ProposedResolutionView(View):
    """How one of the two appraisers would settle the differences."""

    proposed_by: UUID
    resolutions: list[AnswerView] = Field(description="`comment`: the reason.")
    declined_by: UUID | None
    declined_because: str | None


class AppraisalView(View):
    """One edition of an item, judged by two people on the terms of its kind."""

    id: UUID
    item_id: UUID
    instrument: str
    status: AppraisalStatus
    appraised_edition: int
    outdated: bool = Field(description="The item has a later edition than the one that was appraised.")
    resolved_at: datetime | None
    criteria: list[AppraisedCriterion]
    agreement: AgreementView | None = Field(description="Before differences were settled; null until both have judged.")
    judgement_count: int = Field(description="How many of the two have judged.")
    differences: list[str] | None = Field(description="The criteria that they answered differently: for staff.")
    proposal: ProposedResolutionView | None = Field(
        description="For staff: what one of the two proposed. The other accepts or declines it, or a third decides."
    )
    judgements: list[JudgementView] | None = Field(
        description="For staff: your own, and the other one once both have judged. Null for everyone else."
    )


class AppraisalList(View):
    """The appraisals of one item."""

    items: list[AppraisalView]
    fitting: list[str] = Field(description="The instruments that fit this item.")


class WaitingAppraisal(View):
    """An appraisal that lacks a judgement or a resolution."""

    id: UUID
    item_id: UUID
    title: str = Field(description="Of the item.")
    way_of_knowing: WayOfKnowing
    instrument: str
    status: AppraisalStatus
    judgement_count: int = Field(description="How many of the two have judged.")
    judged_by_you: bool
    appraised_edition: int
    current_edition: int
    proposed_by: UUID | None = Field(description="Of the two, whose proposal waits (`proposed`) or was declined.")
    created_at: datetime


class InstrumentAgreement(View):
    """How far people who use one instrument agree. Instruments are not compared with each other."""

    instrument: str
    appraisals: int
    resolved: int
    agreement: AgreementView


class LibraryAgreement(View):
    """How far two appraisers agree, by instrument, over all published items."""

    items: list[InstrumentAgreement]


def instrument_list(instruments: Iterable[Instrument]) -> InstrumentList:
    return InstrumentList(
        items=[
            InstrumentView(
                code=instrument.code,
                name=instrument.name,
                source=instrument.source,
                way_of_knowing=instrument.way_of_knowing,
                designs=sorted(design for design in instrument.designs if design),
                kinds=sorted(instrument.kinds or ()),
                not_applicable=instrument.not_applicable,
                criteria=[CriterionView.model_validate(criterion) for criterion in instrument.criteria],
            )
            for instrument in instruments
        ]
    )


def library_agreement(counts: Sequence[InstrumentCount]) -> LibraryAgreement:
    return LibraryAgreement(
        items=[
            InstrumentAgreement(
                instrument=count.instrument,
                appraisals=count.appraisals,
                resolved=count.resolved,
                agreement=AgreementView.model_validate(rules.agreement(count.answer_pairs)),
            )
            for count in counts
        ]
    )


def appraisal_view(record: AppraisalRecord, caller: Caller) -> AppraisalView:
    """Return the view of an appraisal for this reader."""
    appraisal, judgements, item = record
    staff = caller.id if is_editor(caller) else None
    both_judged = len(judgements) == rules.APPRAISERS
    differences = rules.differences(judgements[0].answers, judgements[1].answers) if both_judged else []
    visible = [judgement for judgement in judgements if both_judged or judgement.appraiser_id == staff]
    return AppraisalView(
        id=appraisal.id,
        item_id=appraisal.item_id,
        instrument=appraisal.instrument,
        status=appraisal.status,
        appraised_edition=appraisal.edition,
        outdated=item.edition > appraisal.edition,
        resolved_at=appraisal.resolved_at,
        criteria=_criteria(appraisal, judgements, caller, show_reasons=rules.may_read_reasons(item, appraisal, caller)),
        agreement=AgreementView.model_validate(_agreement(judgements)) if both_judged else None,
        judgement_count=len(judgements),
        differences=differences if both_judged and staff else None,
        proposal=_proposal(appraisal) if staff else None,
        judgements=[_judgement(judgement) for judgement in visible] if staff else None,
    )


def _criteria(
    appraisal: Appraisal, judgements: Sequence[Judgement], caller: Caller, *, show_reasons: bool
) -> list[AppraisedCriterion]:
    answers = rules.resolved_answers(appraisal, judgements[0]) if appraisal.status == "resolved" else {}
    return [
        AppraisedCriterion(
            criterion=criterion.code,
            question=criterion.question,
            answer=answers.get(criterion.code),
            discussed=criterion.code in appraisal.settled_answers,
            reason=appraisal.reasons.get(criterion.code) if show_reasons else None,
            comments=_comments(judgements, criterion.code) if show_reasons and not is_editor(caller) else None,
        )
        for criterion in INSTRUMENTS[appraisal.instrument].criteria
    ]


def _comments(judgements: Sequence[Judgement], criterion: str) -> list[str]:
    """Return what was noted on a criterion, in an order that does not say by whom."""
    return sorted(judgement.comments[criterion] for judgement in judgements if criterion in judgement.comments)


def _proposal(appraisal: Appraisal) -> ProposedResolutionView | None:
    if appraisal.proposed_by is None:
        return None
    return ProposedResolutionView(
        proposed_by=appraisal.proposed_by,
        resolutions=[
            AnswerView(criterion=code, answer=answer, comment=appraisal.proposed_reasons.get(code))
            for code, answer in appraisal.proposed_answers.items()
        ],
        declined_by=appraisal.declined_by,
        declined_because=appraisal.declined_because,
    )


def _agreement(judgements: Sequence[Judgement]) -> rules.Agreement:
    first, second = judgements
    return rules.agreement([(answer, second.answers[code]) for code, answer in first.answers.items()])


def _judgement(judgement: Judgement) -> JudgementView:
    return JudgementView(
        appraiser_id=judgement.appraiser_id,
        submitted_at=judgement.created_at,
        answers=[
            AnswerView(criterion=code, answer=answer, comment=judgement.comments.get(code))
            for code, answer in judgement.answers.items()
        ],
    )
