"""Writing, publishing and withdrawing learning pieces, and flagging their sources."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.items.words.commands import check_not_taken_back, find_taken_back
from services.evidence.library.items.words.rules import texts_by_pointer
from services.evidence.publications.cited_items.etags import check_response, check_version
from services.evidence.publications.cited_items.queries import find_merged_ids, write_flags
from services.evidence.publications.cited_items.rules import accept_issues, find_flag_changes
from services.evidence.publications.learning import queries, rules
from services.evidence.publications.learning.content import LearningContent
from services.evidence.publications.learning.queries import PieceSnapshot, Sources
from services.evidence.publications.learning.rules import SourceKind
from services.evidence.publications.learning.tables import LearningPiece, learning_sources
from services.evidence.publications.learning.views import respond
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.http.merge_patch import patch_model
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


async def create_piece(uow: UnitOfWork, content: LearningContent, caller: Caller) -> PieceSnapshot:
    """Create a draft. Raises Invalid."""
    piece = rules.create(content, caller.id)
    sources = await _lock_and_check_sources(uow.session, content)
    uow.save(piece)
    await queries.replace_links(uow.session, piece.id, content, sources)
    return await queries.load_piece(uow.session, piece)


async def update_piece(
    uow: UnitOfWork, piece_id: UUID, patch: dict[str, Any], match: Match, caller: Caller
) -> PieceSnapshot:
    """Change a piece. Publishes LearningPublished where it is published and differs.

    Raises EditorsAloneChangePieces, PieceNotComplete, Invalid, RequestValidationError.
    """
    piece = await queries.lock_piece(uow.session, piece_id)
    rules.check_may_change(caller, piece)
    check_version(match, piece)
    before = queries.build_content(piece, await queries.get_links(uow.session, piece_id))
    content = patch_model(before, patch)
    sources = await _lock_and_check_sources(uow.session, content, before)
    if piece.status == "published" and (errors := await _find_gaps(uow, content)):
        raise rules.PieceNotComplete(errors=errors)
    if published := rules.change(piece, before, content):
        uow.publish(published, of=piece)
    piece.updated_at = clock.now()
    await queries.replace_links(uow.session, piece_id, content, sources)
    return await _update_flags_and_load(uow, piece)


async def publish_piece(uow: UnitOfWork, piece_id: UUID) -> PieceSnapshot:
    """Publish a draft. Publishes LearningPublished. Raises PieceNotComplete, PieceAlreadyPublished."""
    piece = await queries.lock_piece(uow.session, piece_id)
    content = queries.build_content(piece, await queries.get_links(uow.session, piece_id))
    sources = await queries.lock_sources(uow.session, content)
    if errors := await _find_gaps(uow, content) + rules.find_errors(content, sources.items, sources.guides):
        raise rules.PieceNotComplete(errors=errors)
    uow.publish(rules.publish(piece, content, clock.now()), of=piece)
    return await _update_flags_and_load(uow, piece)


async def withdraw_piece(uow: UnitOfWork, piece_id: UUID) -> LearningPiece:
    """Withdraw the piece; records of completion stay."""
    piece = await queries.lock_piece(uow.session, piece_id)
    rules.withdraw(piece, clock.now())
    return piece


async def keep_source(
    uow: UnitOfWork, piece_id: UUID, kind: SourceKind, source_id: UUID, because: str, match: Match
) -> PieceSnapshot:
    """Accept what has happened to a source, as the caller has read it.

    Raises SourceNotFound, PreconditionRequired, PreconditionFailed, NothingToKeep, SourceIsWithdrawn, Invalid.
    """
    piece = await queries.lock_piece(uow.session, piece_id)
    link = await queries.lock_link(uow.session, piece_id, kind, source_id)
    check_response(match, respond(await queries.load_piece(uow.session, piece), staff=True))
    rules.check_may_keep(link)
    await check_not_taken_back(uow, {"/because": because})
    issues = (await queries.get_sources(uow.session, [link])).find_issues(link)
    await queries.store_accepted_issues(uow.session, link, accept_issues(link, issues, because, clock.today()))
    uow.record("flag: keep", "LearningPiece", piece_id, after={"kind": kind, "source": source_id})
    piece.updated_at = clock.now()
    return await _update_flags_and_load(uow, piece)


async def flag_links_to_item(uow: UnitOfWork, item_id: UUID) -> None:
    """Bring the flags of all links to the item, and to those merged into it, up to date."""
    item_ids = await find_merged_ids(uow.session, item_id)
    await update_flags(uow.session, queries.links_to("item", item_ids), clock.now())


async def flag_links_to_guide(session: AsyncSession, guide_id: UUID, now: datetime) -> None:
    """Bring the flags of all links to the guide up to date."""
    await update_flags(session, queries.links_to("guide", [guide_id]), now)


async def update_flags(session: AsyncSession, condition: ColumnElement[bool], now: datetime) -> None:
    """Bring the flags of these links in line with their sources as they are now."""
    links = await queries.lock_links(session, condition)
    sources = await queries.get_sources(session, links)
    changes = find_flag_changes(((link, sources.find_issues(link)) for link in links), now)
    await write_flags(session, learning_sources, changes)


async def _find_gaps(uow: UnitOfWork, content: LearningContent) -> list[FieldError]:
    """Return what is missing before everyone may read it, and the words in it that somebody took back."""
    return rules.find_gaps(content) + await find_taken_back(uow, texts_by_pointer(content.model_dump(mode="json")))


async def _update_flags_and_load(uow: UnitOfWork, piece: LearningPiece) -> PieceSnapshot:
    await update_flags(uow.session, queries.is_of_piece(piece.id), clock.now())
    return await queries.load_piece(uow.session, piece)


async def _lock_and_check_sources(
    session: AsyncSession, content: LearningContent, before: LearningContent | None = None
) -> Sources:
    """Return the sources of the content, locked. Raises Invalid, but not for what has happened to those of `before`."""
    sources = await queries.lock_sources(session, content)
    linked_before = (*before.items, *before.guides) if before else ()
    errors = rules.find_errors(content, sources.items, sources.guides, linked_before)
    if errors := errors + rules.find_wrong_minutes(content):
        raise Invalid(errors=errors)
    return sources
