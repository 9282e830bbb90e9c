"""Which instrument fits which item, how two judgements become one, and how far they agree."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.evidence.callers import is_editor
from services.evidence.library.appraisals.instruments import INSTRUMENTS, Instrument
from services.evidence.library.appraisals.tables import Answer, Appraisal, Judgement
from shared.callers import Caller
from shared.problems import Conflict, FieldError, Invalid, NotAllowed

APPRAISERS = 2


class UnknownInstrument(Invalid):
    pointer = "/instrument"
    title = "This instrument is not known here"
    detail = f"Choose one of: {', '.join(sorted(INSTRUMENTS))}. See /v1/evidence/appraisals/instruments."


class InstrumentDoesNotFit(Conflict):
    title = "This instrument is for another kind of evidence"
    detail = "Each kind is appraised on its own terms. For this item choose one of: {fitting}."


class AppraisalExists(Conflict):
    title = "This edition is being appraised by this instrument already"
    detail = "It is the appraisal {appraisal_id}. Submit your judgement there."


class AlreadyJudged(Conflict):
    title = "You have submitted your judgement already"
    detail = "It cannot be changed, so that both judge independently. Differences are settled together afterwards."


class TwoHaveJudged(Conflict):
    title = "Two people have judged this already"
    detail = (
        "Where they differ, one of them proposes how to settle it and the other accepts, or a third person decides."
    )


class OwnEvidence(NotAllowed):
    title = "You contributed this evidence yourself"
    detail = "Ask two others to appraise it."


class NothingToSettle(Conflict):
    title = "This appraisal has no differences to settle"
    detail = "Either fewer than two people have judged, or the appraisal is resolved. Look at its status."


class ProposalWaiting(Conflict):
    title = "The other appraiser has proposed how to settle this"
    detail = "Read the proposal, then accept it, or decline it with your reasons and propose something else."


class OwnProposal(NotAllowed):
    title = "You proposed this yourself"
    detail = "The other appraiser accepts or declines it, or a third person decides. You may replace it with another."


class NoProposal(Conflict):
    title = "Nothing is proposed here"
    detail = "It was declined, or the appraisal is resolved, or nobody proposed anything yet. Look at its status."


class ContributedItem(Protocol):
    """What the rules need of an item."""

    @property
    def way_of_knowing(self) -> str: ...
    @property
    def contributor_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two people agree, criterion by criterion.

    `percent`: of the criteria that both answered, one decimal. `kappa`: Cohen's kappa (1960), which corrects for
    chance: (po - pe) / (1 - pe), po being the share of equal answers and pe the sum over the answers of the product of
    both people's shares of it. None where it is not defined: nothing compared, or both gave one and the same answer
    throughout (pe = 1). Over many items, whoever judged first counts as one rater, whoever judged second as the other.
    """

    compared: int
    agreed: int
    percent: float | None
    kappa: float | None


def agreement(pairs: Iterable[tuple[str, str]] | Mapping[tuple[str, str], int]) -> Agreement:
    """Return the agreement of pairs of answers to the same criterion. A mapping gives how often each pair occurs."""
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
    expected = sum(number * seconds[answer] for answer, number in firsts.items())
    denominator = compared * compared - expected
    kappa = round((agreed * compared - expected) / denominator, 3) if denominator else None
    return Agreement(compared, agreed, round(100 * agreed / compared, 1), kappa)


def fitting_instruments(way_of_knowing: str, details: Mapping[str, Any]) -> list[Instrument]:
    """Return the instruments that fit an item."""
    return [instrument for instrument in INSTRUMENTS.values() if fits(instrument, way_of_knowing, details)]


def fits(instrument: Instrument, way_of_knowing: str, details: Mapping[str, Any]) -> bool:
    """Return whether an instrument is for this way of knowing and, of research, this kind and design."""
    if instrument.way_of_knowing != way_of_knowing:
        return False
    if way_of_knowing != "research":
        return True
    fits_kind = instrument.kinds is None or details.get("kind", "other") in instrument.kinds
    return fits_kind and details.get("design") in instrument.designs


def open_appraisal(
    item_id: UUID, edition: int, code: str, way_of_knowing: str, details: Mapping[str, Any]
) -> Appraisal:
    """Return a new appraisal of the edition. Raises UnknownInstrument, InstrumentDoesNotFit."""
    instrument = INSTRUMENTS.get(code)
    if instrument is None:
        raise UnknownInstrument
    if not fits(instrument, way_of_knowing, details):
        fitting = fitting_instruments(way_of_knowing, details)
        raise InstrumentDoesNotFit(fitting=", ".join(instrument.code for instrument in fitting))
    return Appraisal(item_id=item_id, instrument=code, edition=edition)


def check_not_own(item: ContributedItem, appraiser: UUID) -> None:
    """Refuse people who appraise what they gave of their own; whoever entered research may. Raises OwnEvidence."""
    if item.contributor_id == appraiser and item.way_of_knowing != "research":
        raise OwnEvidence


def may_read_reasons(item: ContributedItem, appraisal: Appraisal, caller: Caller) -> bool:
    """Return whether the caller may read why: staff, and once it is public, the person whose evidence it judges."""
    if is_editor(caller):
        return True
    is_judged = item.way_of_knowing != "research" and item.contributor_id is not None
    return is_judged and item.contributor_id == caller.id and appraisal.status == "resolved"


def judge(
    appraisal: Appraisal,
    earlier: Sequence[Judgement],
    appraiser: UUID,
    answers: Mapping[str, Answer],
    comments: Mapping[str, str],
    now: datetime,
) -> Judgement:
    """Return the judgement. The second one makes the appraisal resolved or differing.

    Raises AlreadyJudged, TwoHaveJudged, Invalid.
    """
    if any(judgement.appraiser_id == appraiser for judgement in earlier):
        raise AlreadyJudged
    if len(earlier) >= APPRAISERS:
        raise TwoHaveJudged
    check_complete(INSTRUMENTS[appraisal.instrument], answers)
    judgement = Judgement(
        appraisal_id=appraisal.id,
        position=len(earlier) + 1,
        appraiser_id=appraiser,
        answers=dict(answers),
        comments=dict(comments),
    )
    if earlier:
        appraisal.status = "differing"
        if not differences(earlier[0].answers, judgement.answers):
            appraisal.status, appraisal.resolved_at = "resolved", now
    return judgement


def check_complete(instrument: Instrument, answers: Mapping[str, str], pointer: str = "/answers") -> None:
    """Check that every criterion is answered, no other, and none skipped that applies. Raises Invalid."""
    codes = [criterion.code for criterion in instrument.criteria]
    errors = [f"Criterion {code} has no answer." for code in codes if code not in answers]
    errors += [f"There is no criterion {code} in {instrument.name}." for code in answers if code not in codes]
    is_screened_out = any(answers.get(code) != "yes" for code in instrument.screening)
    for code, answer in answers.items():
        if answer != "not_applicable" or instrument.not_applicable:
            continue
        if code in instrument.screening or not is_screened_out:
            errors.append(f"Criterion {code} applies: answer yes, no or cannot_tell.")
    _raise_invalid(errors, pointer)


def differences(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """Return the criteria that the two answered differently, in their order."""
    return [code for code, answer in first.items() if second.get(code) != answer]


def settle(
    appraisal: Appraisal,
    judgements: Sequence[Judgement],
    resolver: UUID,
    answers: Mapping[str, Answer],
    reasons: Mapping[str, str],
    now: datetime,
) -> None:
    """Settle every difference with an answer and a reason: a third person decides, one of the two proposes.

    A proposal may be replaced by whoever made it. Raises NothingToSettle, ProposalWaiting, Invalid.
    """
    if appraisal.status not in ("differing", "proposed"):
        raise NothingToSettle
    is_appraiser = any(judgement.appraiser_id == resolver for judgement in judgements)
    if is_appraiser and appraisal.status == "proposed" and appraisal.proposed_by != resolver:
        raise ProposalWaiting
    _check_settles(appraisal, judgements, answers)
    if not is_appraiser:
        _resolve(appraisal, resolver, answers, reasons, now)
        return
    appraisal.proposed_answers, appraisal.proposed_reasons = dict(answers), dict(reasons)
    appraisal.proposed_by, appraisal.status = resolver, "proposed"
    appraisal.declined_by = appraisal.declined_because = None


def accept(appraisal: Appraisal, resolver: UUID, now: datetime) -> None:
    """Resolve an appraisal as it was proposed. Raises NoProposal, OwnProposal."""
    _check_may_decide(appraisal, resolver)
    _resolve(appraisal, resolver, appraisal.proposed_answers, appraisal.proposed_reasons, now)


def decline(appraisal: Appraisal, resolver: UUID, because: str) -> None:
    """Decline what was proposed: the two differ as before. Raises NoProposal, OwnProposal."""
    _check_may_decide(appraisal, resolver)
    appraisal.declined_by, appraisal.declined_because, appraisal.status = resolver, because, "differing"


def _check_may_decide(appraisal: Appraisal, resolver: UUID) -> None:
    if appraisal.status != "proposed":
        raise NoProposal
    if appraisal.proposed_by == resolver:
        raise OwnProposal


def _resolve(
    appraisal: Appraisal, resolver: UUID, answers: Mapping[str, Answer], reasons: Mapping[str, str], now: datetime
) -> None:
    appraisal.settled_answers, appraisal.reasons = dict(answers), dict(reasons)
    appraisal.settled_by, appraisal.resolved_at, appraisal.status = resolver, now, "resolved"


def _check_settles(appraisal: Appraisal, judgements: Sequence[Judgement], answers: Mapping[str, Answer]) -> None:
    """Check that every difference is settled.

    Beyond these, only criteria that both appraisers skipped are answered: they apply after all where both screening
    questions are settled with a yes. Raises Invalid.
    """
    instrument = INSTRUMENTS[appraisal.instrument]
    first_answers = judgements[0].answers
    differing = differences(first_answers, judgements[1].answers)
    skipped: list[str] = []
    if not instrument.not_applicable:
        skipped = [code for code, answer in first_answers.items() if answer == "not_applicable"]
    errors = [f"Criterion {code} differs and is not settled." for code in differing if code not in answers]
    errors += [f"Criterion {code} does not differ." for code in answers if code not in (*differing, *skipped)]
    _raise_invalid(errors, "/resolutions")
    check_complete(instrument, {**first_answers, **answers}, "/resolutions")


def check_answered_once(codes: Sequence[str], pointer: str) -> None:
    """Refuse a criterion that is named twice. Raises Invalid."""
    repeated = [index for index, code in enumerate(codes) if code in codes[:index]]
    if repeated:
        detail = "This criterion is answered above already. Answer each once."
        errors = [FieldError(pointer=f"{pointer}/{index}/criterion", detail=detail) for index in repeated]
        raise Invalid(errors=errors)


def resolved_answers(appraisal: Appraisal, first: Judgement) -> dict[str, Answer]:
    """Return the answers of a resolved appraisal, by criterion."""
    return {**first.answers, **appraisal.settled_answers}


def erase_comments(appraisal: Appraisal, judgements: Iterable[Judgement]) -> None:
    """Erase what may quote a person. The answers stay."""
    appraisal.reasons, appraisal.proposed_reasons, appraisal.declined_because = {}, {}, None
    for judgement in judgements:
        judgement.comments = {}


def _raise_invalid(errors: Sequence[str], pointer: str) -> None:
    if errors:
        raise Invalid(errors=[FieldError(pointer=pointer, detail=detail) for detail in errors])
