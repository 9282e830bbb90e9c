"""Which instrument fits what, how two judgements become one, and how far they agreed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.evidence.library.appraisals.instruments import INSTRUMENTS, Instrument
from services.evidence.library.appraisals.tables import Appraisal, Judgement
from shared.problems import Conflict, FieldError, Invalid, NotAllowed, NotFound

APPRAISERS = 2


class AppraisalNotFound(NotFound):
    detail = "No appraisal of this item with this id was found. Look at the item's appraisals."


class UnknownInstrument(Invalid):
    pointer = "/instrument"
    title = "This instrument is not known here"
    detail = f"Choose one of: {', '.join(sorted(INSTRUMENTS))}. See /v1/evidence/appraisals/instruments."


class InstrumentDoesNotFit(Conflict):
    title = "This instrument is for another kind of evidence"
    detail = "Each kind is appraised on its own terms. For this item choose one of: {fitting}."


class AppraisalExists(Conflict):
    title = "This edition is being appraised by this instrument already"
    detail = "It is the appraisal {appraisal_id}. Hand in your judgement there."


class AlreadyJudged(Conflict):
    title = "You have handed in your judgement already"
    detail = "It stays as it is, so that both judge independently. What differs is settled together afterwards."


class TwoHaveJudged(Conflict):
    title = "Two people have judged this already"
    detail = "Where they differ, settle it in the appraisal's resolution: they themselves, or you as a third person."


class OwnEvidence(NotAllowed):
    title = "You gave this evidence yourself"
    detail = "Ask two others to appraise it."


class NothingToSettle(Conflict):
    title = "There is nothing to settle here"
    detail = "Either fewer than two people have judged, or the appraisal is resolved. Look at its state."


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two people judged, criterion by criterion.

    `percent`: of the criteria that both answered, one decimal. `kappa`: Cohen's (1960), which takes off what chance
    would bring: (po - pe) / (1 - pe), po being the share of equal answers and pe the sum over the answers of the
    product of both people's shares of it. Null where it is not defined: nothing compared, or both gave one and the same
    answer throughout (pe = 1). Over many items the first to hand in counts as one rater and the second as the other.
    """

    compared: int
    agreed: int
    percent: float | None
    kappa: float | None


def agreement(pairs: Iterable[tuple[str, str]] | Mapping[tuple[str, str], int]) -> Agreement:
    """Of the answers of the first and the second person to the same criterion; a mapping says how often each came."""
    counts = Counter(pairs)
    compared = counts.total()
    if compared == 0:
        return Agreement(0, 0, None, None)
    agreed = sum(number for (first, second), number in counts.items() if first == second)
    firsts, seconds = Counter[str](), Counter[str]()
    for (first, second), number in counts.items():
        firsts[first] += number
        seconds[second] += number
    # In whole numbers: kappa is 1 exactly where everybody always agreed.
    chance = sum(number * seconds[answer] for answer, number in firsts.items())
    left = compared * compared - chance
    kappa = round((agreed * compared - chance) / left, 3) if left else None
    return Agreement(compared, agreed, round(100 * agreed / compared, 1), kappa)


def fitting(way_of_knowing: str, own: Mapping[str, Any]) -> list[Instrument]:
    """The instruments for an item of this kind."""
    return [each for each in INSTRUMENTS.values() if fits(each, way_of_knowing, own)]


def fits(instrument: Instrument, way_of_knowing: str, own: Mapping[str, Any]) -> bool:
    if instrument.way_of_knowing != way_of_knowing:
        return False
    if way_of_knowing != "research":
        return True
    right_kind = instrument.kinds is None or own.get("kind", "other") in instrument.kinds
    return right_kind and own.get("design") in instrument.designs


def begin(item_id: UUID, edition: int, code: str, way_of_knowing: str, own: Mapping[str, Any]) -> Appraisal:
    """Raises UnknownInstrument, InstrumentDoesNotFit."""
    instrument = INSTRUMENTS.get(code)
    if instrument is None:
        raise UnknownInstrument
    if not fits(instrument, way_of_knowing, own):
        raise InstrumentDoesNotFit(fitting=", ".join(each.code for each in fitting(way_of_knowing, own)))
    return Appraisal(item_id=item_id, instrument=code, edition=edition)


def hand_in(
    appraisal: Appraisal,
    before: Sequence[Judgement],
    appraiser: UUID,
    answers: Mapping[str, str],
    comments: Mapping[str, str],
    now: datetime,
) -> Judgement:
    """Raises AlreadyJudged, TwoHaveJudged, Invalid. With the second judgement it is resolved, or they differ."""
    if any(each.appraiser_id == appraiser for each in before):
        raise AlreadyJudged
    if len(before) >= APPRAISERS:
        raise TwoHaveJudged
    check_whole(INSTRUMENTS[appraisal.instrument], answers)
    judged = Judgement(
        appraisal_id=appraisal.id,
        place=len(before) + 1,
        appraiser_id=appraiser,
        answers=dict(answers),
        comments=dict(comments),
    )
    if before:
        appraisal.state = "differing"
        if not differences(before[0].answers, judged.answers):
            appraisal.state, appraisal.resolved_at = "resolved", now
    return judged


def check_whole(instrument: Instrument, answers: Mapping[str, str], pointer: str = "/answers") -> None:
    """Every criterion is answered, and no other; passed over only where the instrument lets it. Raises Invalid."""
    codes = [each.code for each in instrument.criteria]
    error = [f"Criterion {code} has no answer." for code in codes if code not in answers]
    error += [f"There is no criterion {code} in {instrument.name}." for code in answers if code not in codes]
    stopped = any(answers.get(code) != "yes" for code in instrument.screening)
    for code, answer in answers.items():
        if answer != "not_applicable" or instrument.not_applicable:
            continue
        if code in instrument.screening or not stopped:
            error.append(f"Criterion {code} applies: answer yes, no or cannot_tell.")
    if error:
        raise Invalid(errors=[FieldError(pointer=pointer, detail=detail) for detail in error])


def differences(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """The criteria that the two answered differently, in their order."""
    return [code for code, answer in first.items() if second.get(code) != answer]


def settle(
    appraisal: Appraisal,
    judgements: Sequence[Judgement],
    who: UUID,
    answers: Mapping[str, str],
    reasons: Mapping[str, str],
    now: datetime,
) -> None:
    """Every difference gets an answer and a reason, and nothing else does but criteria that both passed over.

    Those apply after all where both screening questions are settled with a yes. Raises NothingToSettle, Invalid.
    """
    instrument = INSTRUMENTS[appraisal.instrument]
    if appraisal.state != "differing":
        raise NothingToSettle
    open_ = differences(judgements[0].answers, judgements[1].answers)
    passed_over: list[str] = []
    if not instrument.not_applicable:
        passed_over = [code for code, answer in judgements[0].answers.items() if answer == "not_applicable"]
    error = [f"Criterion {code} differs and is not settled." for code in open_ if code not in answers]
    error += [f"Criterion {code} does not differ." for code in answers if code not in (*open_, *passed_over)]
    if error:
        raise Invalid(errors=[FieldError(pointer="/resolutions", detail=detail) for detail in error])
    check_whole(instrument, {**judgements[0].answers, **answers}, "/resolutions")
    appraisal.settled, appraisal.reasons = dict(answers), dict(reasons)
    appraisal.settled_by, appraisal.resolved_at, appraisal.state = who, now, "resolved"


def resolved_answers(appraisal: Appraisal, first: Judgement) -> dict[str, str]:
    """What the appraisal says in the end, by criterion."""
    return {**first.answers, **appraisal.settled}


def silence(appraisal: Appraisal, judgements: Iterable[Judgement]) -> None:
    """Comments may quote a person: they go when what that person gave is withdrawn. The answers stay as figures."""
    appraisal.reasons = {}
    for judgement in judgements:
        judgement.comments = {}
