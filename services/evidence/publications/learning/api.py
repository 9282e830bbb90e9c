"""Learning pieces over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query, Response
from pydantic import Field

from services.evidence.callers import Anyone, Editor, EditorOrPartner, is_editor, is_editor_or_partner
from services.evidence.library.place_filters import PlaceFilter
from services.evidence.publications.cited_items.queries import find_merged_ids
from services.evidence.publications.guides.documents.plain_text import PlainText
from services.evidence.publications.learning import commands, queries, rules
from services.evidence.publications.learning.content import LearningContent
from services.evidence.publications.learning.queries import ListedStatus, PieceNotFound, SourceNotFound
from services.evidence.publications.learning.tables import LearningPiece
from services.evidence.publications.learning.views import (
    LearningPage,
    LearningPieceSummary,
    LearningPieceView,
    LearningPieceWithdrawal,
    respond,
)
from shared.http.caching import NO_STORE, PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, IfMatchVersion
from shared.http.pagination import Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import (
    Invalid,
    InvalidCursor,
    NotAllowed,
    PreconditionFailed,
    PreconditionRequired,
    SignInNeeded,
    documented,
)
from shared.views import Body

router = create_router("/v1/learning", "Learning")

LearningPiecePatch = Annotated[
    dict[str, Any],
    FromBody(
        media_type="application/merge-patch+json",
        description="A JSON Merge Patch (RFC 7396). Lists are replaced as a whole.",
    ),
]


class KeptSource(Body):
    """Why the piece still holds although a source of it has changed. Shown to readers."""

    because: PlainText = Field(min_length=1)


@router.post("", status_code=201, response_model=LearningPieceView, responses=documented(Invalid))
async def create_piece(content: LearningContent, caller: EditorOrPartner, uow: Transaction) -> Response:
    """Create a learning piece as a draft. Only editors see it until it is published."""
    snapshot = await commands.create_piece(uow, content, caller)
    return respond(snapshot, staff=True, status=201, location=f"/v1/learning/{snapshot.piece.id}")


@router.get(
    "",
    response_model=LearningPage,
    responses=documented(SignInNeeded, NotAllowed, InvalidCursor),
)
async def list_pieces(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    response: Response,
    place: PlaceFilter,
    item: Annotated[UUID | None, Query(description="Based on this item, or on one merged into it.")] = None,
    guide: Annotated[UUID | None, Query(description="Based on this guide.")] = None,
    max_minutes: Annotated[int | None, Query(ge=1, le=10, description="That take no longer than this.")] = None,
    status: Annotated[ListedStatus, Query(description="For editors: `draft`.")] = "published",
    is_flagged: Annotated[
        bool | None,
        Query(description="Only those with a source that has changed, where nobody has decided yet, or those without."),
    ] = None,
    mine: Annotated[bool, Query(description="For editors: only those that you own.")] = False,
) -> LearningPage:
    """List published pieces, the newest first; or, for editors, drafts and their own.

    `country` and `setting` choose by the items that a piece is based on, itself or through a guide.
    """
    is_public = status == "published" and not mine
    if not is_public and not is_editor_or_partner(caller):
        raise SignInNeeded if caller.anonymous else NotAllowed
    (PUBLIC_REVALIDATED if is_public else NO_STORE).set_on(response)
    statement = queries.list_pieces(
        status=status,
        item_ids=None if item is None else await find_merged_ids(session, item),
        guide_id=guide,
        is_flagged=is_flagged,
        owner=caller.id if mine else None,
        max_minutes=max_minutes,
    )
    narrowed = queries.BY_TAUGHT_PLACE.narrow(statement, place)
    page = await paginate(session, narrowed, paging, key=queries.order_pieces(status), view=_row, descending=True)
    unplaced = {} if paging.cursor else await queries.BY_TAUGHT_PLACE.count_unplaced(session, statement, place)
    briefs = await queries.load_briefs(session, page.items)
    items = [LearningPieceSummary.of(brief, staff=is_editor(caller)) for brief in briefs]
    return LearningPage.model_validate({**dict(page), "items": items, **unplaced})


@router.get("/{piece_id}", response_model=LearningPieceView, responses=documented(PieceNotFound, rules.PieceWithdrawn))
async def get_piece(piece_id: UUID, caller: Anyone, session: Reading) -> Response:
    """Return a piece. Editors also see the right options and why they are right. A withdrawn piece gives 410.

    It is held back while a source of it was withdrawn or retracted, until an editor has decided or changed it.
    """
    snapshot = await queries.load_visible_piece(session, piece_id, caller)
    # Partners read what they write; what somebody took back, editors alone, who have to decide.
    return respond(snapshot, staff=is_editor(caller) if snapshot.is_held_back else is_editor_or_partner(caller))


@router.patch(
    "/{piece_id}",
    response_model=LearningPieceView,
    responses=documented(
        PieceNotFound,
        rules.PieceWithdrawn,
        rules.EditorsAloneChangePieces,
        rules.PieceNotComplete,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def update_piece(
    piece_id: UUID, patch: LearningPiecePatch, match: IfMatch, caller: EditorOrPartner, uow: Transaction
) -> Response:
    """Change a piece. A published one has a new edition at once; whoever finished an earlier one keeps that record."""
    return respond(await commands.update_piece(uow, piece_id, patch, match, caller), staff=True)


@router.post(
    "/{piece_id}/publish",
    response_model=LearningPieceView,
    responses=documented(PieceNotFound, rules.PieceWithdrawn, rules.PieceAlreadyPublished, rules.PieceNotComplete),
)
async def publish_piece(piece_id: UUID, _caller: Editor, uow: Transaction) -> Response:
    """Publish a piece. It must have three questions, take ten minutes at most, and have only published sources."""
    return respond(await commands.publish_piece(uow, piece_id), staff=True)


@router.post(
    "/{piece_id}/withdraw",
    response_model=LearningPieceWithdrawal,
    responses=documented(PieceNotFound, rules.PieceWithdrawn),
)
async def withdraw_piece(piece_id: UUID, _caller: Editor, uow: Transaction) -> LearningPieceWithdrawal:
    """Withdraw a piece for good. Whoever finished it keeps their record."""
    return LearningPieceWithdrawal.model_validate(await commands.withdraw_piece(uow, piece_id))


@router.post(
    "/{piece_id}/sources/{kind}/{source_id}/keep",
    response_model=LearningPieceView,
    responses=documented(
        PieceNotFound,
        rules.PieceWithdrawn,
        SourceNotFound,
        rules.NothingToKeep,
        rules.SourceIsWithdrawn,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def keep_source(
    piece_id: UUID,
    kind: rules.SourceKind,
    source_id: UUID,
    body: KeptSource,
    match: IfMatchVersion,
    _caller: Editor,
    uow: Transaction,
) -> Response:
    """Explain why the piece still holds although a source has changed. To name another edition, send a PATCH.

    Send the ETag of the piece in `If-Match`: nobody decides about a change that they have not read.
    """
    return respond(await commands.keep_source(uow, piece_id, kind, source_id, body.because, match), staff=True)


def _row(piece: LearningPiece) -> LearningPiece:
    return piece
