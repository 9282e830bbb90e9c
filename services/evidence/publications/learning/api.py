"""Learning pieces over HTTP: read one, answer its questions; for editors, write and publish."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Body as FromBody
from fastapi import Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.callers import Anyone, Contributor, Editor, EditorOrPartner
from services.evidence.library.items.views import PRIVATE, PUBLIC
from services.evidence.publications.guides.flagging import items_standing_behind
from services.evidence.publications.guides.rules import kept
from services.evidence.publications.guides.words import Plain
from services.evidence.publications.learning import queries, records, rules, views
from services.evidence.publications.learning.tables import LearningPiece
from services.evidence.publications.learning.words import LearningContent
from shared import clock
from shared.events.contracts.evidence import LearningCompleted
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, Match
from shared.http.merge_patch import merge_patch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import (
    BadCursor,
    Invalid,
    NotAllowed,
    PreconditionFailed,
    PreconditionRequired,
    SignInNeeded,
    documented,
)
from shared.views import Body, View

router = create_router("/v1/learning", "learning")
routers = (records.router, router)

Patch = Annotated[
    dict[str, Any],
    FromBody(media_type="application/merge-patch+json", description="RFC 7396. Lists go as a whole."),
]
Option = Annotated[int, Field(ge=0, le=5)]


class LearningAnswers(Body):
    """One option for each question, counted from 0."""

    answers: list[Option] = Field(min_length=3, max_length=3)
    edition: int | None = Field(default=None, description="The edition that you have read.")


class PieceWithdrawal(View):
    """What is left of a learning piece."""

    id: UUID
    withdrawn_at: datetime


class TieKept(Body):
    """Why the piece holds although what it teaches from has changed. Shown to readers."""

    because: Plain = Field(min_length=1)


@router.post("", status_code=201, response_model=views.LearningPieceView, responses=documented(Invalid))
async def add_piece(content: LearningContent, caller: EditorOrPartner, uow: Transaction) -> Response:
    """Begin a learning piece. Editors alone see it until it is published."""
    piece = LearningPiece(
        owner_id=caller.id, title=content.title, point=content.point, text="", minutes=1, questions=[]
    )
    rules.describe(piece, content)
    known = await _checked(uow.session, content)
    uow.save(piece)
    await uow.session.flush()
    await queries.tie(uow.session, piece.id, content, known)
    answer = await _shown(uow.session, piece, staff=True, status=201)
    answer.headers["Location"] = f"/v1/learning/{piece.id}"
    return answer


@router.get(
    "",
    response_model=Page[views.LearningPieceSummary],
    responses=documented(SignInNeeded, NotAllowed, BadCursor),
)
async def list_pieces(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    response: Response,
    item: Annotated[UUID | None, Query(description="Teaching from this item, or from one merged into it.")] = None,
    guide: Annotated[UUID | None, Query(description="Pieces that teach from this guide.")] = None,
    state: Annotated[Literal["published", "draft"], Query(description="Drafts: for editors.")] = "published",
    flagged: Annotated[bool, Query(description="For editors: what they teach from has changed.")] = False,
    mine: Annotated[bool, Query(description="For editors: only those that you own.")] = False,
) -> Page[views.LearningPieceSummary]:
    """What is published, the newest first; or an editor's work."""
    if (state != "published" or flagged or mine) and not rules.is_staff(caller):
        raise SignInNeeded if caller.anonymous else NotAllowed
    response.headers.update(PUBLIC if state == "published" and not (flagged or mine) else PRIVATE)
    items = None if item is None else await items_standing_behind(session, item)
    owner = caller.id if mine else None
    wanted = queries.pieces(state=state, items=items, guide=guide, flagged=flagged, owner=owner)
    newest = (col(LearningPiece.published_at), col(LearningPiece.id))
    key = newest if state == "published" else (col(LearningPiece.id),)
    return await paginate(session, wanted, paging, key=key, view=views.LearningPieceSummary, descending=True)


@router.get(
    "/{piece_id}",
    response_model=views.LearningPieceView,
    responses=documented(rules.PieceNotFound, rules.PieceWithdrawn),
)
async def get_piece(piece_id: UUID, caller: Anyone, session: Reading) -> Response:
    """One piece. What is right, and why, is told to whoever answers, and to editors. A withdrawn one answers 410."""
    piece = await queries.piece(session, piece_id)
    rules.check_may_see(caller, piece)
    return await _shown(session, piece, staff=rules.is_staff(caller))


@router.patch(
    "/{piece_id}",
    response_model=views.LearningPieceView,
    responses=documented(
        rules.PieceNotFound,
        rules.PieceWithdrawn,
        rules.EditorsAloneChangePieces,
        rules.PieceNotComplete,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def change_piece(
    piece_id: UUID, patch: Patch, match: IfMatch, caller: EditorOrPartner, uow: Transaction
) -> Response:
    """Change it. A published piece has a new edition at once; whoever finished an earlier one keeps that record."""
    piece = await queries.lock_piece(uow.session, piece_id)
    rules.check_may_change(caller, piece)
    Match(match.header and re.sub(r'-[0-9a-f]{16}"', '"', match.header)).check(piece)
    before = queries.content_of(piece, await queries.ties_of(uow.session, [piece_id]))
    content = _content(merge_patch(before.model_dump(mode="json"), patch))
    known = await _checked(uow.session, content, before)
    if piece.state == "published" and (errors := rules.unready(content)):
        raise rules.PieceNotComplete(errors=errors)
    if told := rules.change(piece, before, content):
        uow.publish(told, of=piece)
    piece.updated_at = clock.now()
    await uow.session.flush()
    await queries.tie(uow.session, piece_id, content, known)
    await queries.flag_ties(uow.session, queries.tied_in(piece_id), clock.now())
    return await _shown(uow.session, piece, staff=True)


@router.post(
    "/{piece_id}/publish",
    response_model=views.LearningPieceView,
    responses=documented(
        rules.PieceNotFound, rules.PieceWithdrawn, rules.PieceAlreadyPublished, rules.PieceNotComplete
    ),
)
async def publish_piece(piece_id: UUID, caller: Editor, uow: Transaction) -> Response:
    """Let everyone learn from it. It has three questions, takes ten minutes at most, and teaches from what stands."""
    piece = await queries.lock_piece(uow.session, piece_id)
    rules.check_stands(piece)
    content = queries.content_of(piece, await queries.ties_of(uow.session, [piece_id]))
    known = await queries.hold_things(uow.session, content)
    if errors := rules.unready(content) + rules.unfit(content, known.items, known.guides):
        raise rules.PieceNotComplete(errors=errors)
    uow.publish(rules.publish(piece, content, clock.now()), of=piece)
    await uow.session.flush()
    await queries.flag_ties(uow.session, queries.tied_in(piece_id), clock.now())
    return await _shown(uow.session, piece, staff=True)


@router.post(
    "/{piece_id}/withdraw",
    response_model=PieceWithdrawal,
    responses=documented(rules.PieceNotFound, rules.PieceWithdrawn),
)
async def withdraw_piece(piece_id: UUID, caller: Editor, uow: Transaction) -> PieceWithdrawal:
    """Teach it no longer. Whoever finished it keeps their record."""
    piece = await queries.lock_piece(uow.session, piece_id)
    rules.check_stands(piece)
    now = clock.now()
    rules.withdraw(piece, now)
    return PieceWithdrawal(id=piece_id, withdrawn_at=now)


@router.post(
    "/{piece_id}/ties/{kind}/{thing_id}/keep",
    response_model=views.LearningPieceView,
    responses=documented(rules.PieceNotFound, rules.PieceWithdrawn, rules.NothingToKeep, rules.TieIsGone),
)
async def keep_tie(
    piece_id: UUID, kind: rules.Kind, thing_id: UUID, why: TieKept, caller: Editor, uow: Transaction
) -> Response:
    """Say why the piece holds although what it teaches from has changed. To name another edition, send a PATCH."""
    piece = await queries.lock_piece(uow.session, piece_id)
    rules.check_stands(piece)
    row = await queries.lock_tie(uow.session, piece_id, kind, thing_id)
    rules.check_may_keep(row)
    await queries.keep_tie(uow.session, row, kept(row, why.because, clock.today()))
    await queries.flag_ties(uow.session, queries.tied_in(piece_id), clock.now())
    uow.record("flag: keep", "LearningPiece", piece_id, after={"kind": kind, "thing": thing_id})
    piece.updated_at = clock.now()
    await uow.session.flush()
    return await _shown(uow.session, piece, staff=True)


@router.post(
    "/{piece_id}/completions",
    response_model=views.AnswersJudged,
    responses={201: {"description": "Finished: Location leads to the record", "model": views.AnswersJudged}}
    | documented(rules.PieceNotFound, rules.PieceWithdrawn, rules.PieceHasChanged, Invalid),
)
async def answer_questions(
    piece_id: UUID, given: LearningAnswers, caller: Contributor, uow: Transaction, response: Response
) -> views.AnswersJudged:
    """Answer the three questions. With all of them right you have finished, and a record is kept for you alone.

    You may try as often as you like. What you answered is not kept.
    """
    piece = await queries.piece(uow.session, piece_id)
    rules.check_stands(piece)
    if piece.state != "published":
        raise rules.PieceNotFound
    answers = rules.judge(piece, given.answers, given.edition)
    finished = all(answer.right for answer in answers)
    if finished and (made := await queries.complete(uow.session, piece, caller.id, clock.now())):
        uow.publish(LearningCompleted(completion_id=made, piece_id=piece_id), sequence=1)
        uow.record("finished", "LearningCompletion", made)
        response.status_code = 201
        response.headers["Location"] = f"/v1/learning/completions/{made}"
    mine = await queries.completion_of(uow.session, caller.id, piece)
    return views.AnswersJudged(
        finished=finished,
        answers=[views.LearningAnswerView.model_validate(answer) for answer in answers],
        completion=None if mine is None else views.CompletionView.model_validate(mine),
    )


async def _checked(
    session: AsyncSession, content: LearningContent, before: LearningContent | None = None
) -> queries.Things:
    """What the piece is tied to. Raises Invalid; what was tied before is said beside the piece instead."""
    known = await queries.hold_things(session, content)
    tied = (*before.items, *before.guides) if before else ()
    if errors := rules.unfit(content, known.items, known.guides, tied):
        raise Invalid(errors=errors)
    return known


async def _shown(session: AsyncSession, piece: LearningPiece, *, staff: bool, status: int = 200) -> Response:
    ties = await queries.ties_of(session, [piece.id])
    things = await queries.things_tied(session, ties)
    number = (await queries.finished(session, [piece.id])).get(piece.id, 0)
    view = views.whole(piece, queries.content_of(piece, ties), ties, things, number, staff=staff)
    return views.answered(view, piece, staff=staff, status=status)


def _content(merged: Any) -> LearningContent:
    """Raises RequestValidationError, which points to what the sender wrote."""
    try:
        return LearningContent.model_validate_json(orjson.dumps(merged))
    except ValidationError as wrong:
        raise RequestValidationError([{**error, "loc": ("body", *error["loc"])} for error in wrong.errors()]) from wrong
