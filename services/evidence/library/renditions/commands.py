"""Adding, changing and removing renditions."""

from typing import Any
from uuid import UUID

from services.evidence.library.items.words.commands import check_not_taken_back
from services.evidence.library.renditions import queries, rules
from services.evidence.library.renditions.bodies import NewRendition
from services.evidence.library.renditions.queries import RenditionRecord
from services.evidence.library.renditions.rules import Original, OriginalKind
from services.evidence.library.renditions.tables import Rendition
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.http.merge_patch import merge_patch, parse_merged
from shared.persistence.unit_of_work import UnitOfWork


async def add_rendition(
    uow: UnitOfWork, kind: OriginalKind, original_id: UUID, caller: Caller, body: NewRendition
) -> RenditionRecord:
    """Add a rendition of a published item or guide.

    Raises what `queries.lock_original` does, OriginalNotShown, EditionNotThere, RenditionUnusable, RenditionExists.
    """
    original = await queries.lock_original(uow.session, kind, original_id, caller)
    columns = await _columns(uow, body, original)
    rendition = Rendition(original_kind=kind, original_id=original_id, **columns)
    uow.save(rendition)
    return RenditionRecord(rendition, original)


async def change_rendition(
    uow: UnitOfWork,
    kind: OriginalKind,
    original_id: UUID,
    rendition_id: UUID,
    caller: Caller,
    match: Match,
    patch: dict[str, Any],
) -> RenditionRecord:
    """Apply a merge patch to a rendition. The ETag is of the original too: refused where that has changed meanwhile.

    Raises what `queries.lock_rendition` and `add_rendition` do, RequestValidationError.
    """
    record = await queries.lock_rendition(uow.session, kind, original_id, rendition_id, caller)
    match.check(record)
    rendition, original = record
    document = _as_sent(rendition)
    if patch.get("kind", rendition.kind) != rendition.kind:
        document["language"] = None
    body = parse_merged(NewRendition.model_validate_json, merge_patch(document, patch))
    for name, value in (await _columns(uow, body, original, besides=rendition_id)).items():
        setattr(rendition, name, value)
    rendition.updated_at = clock.now()
    return record


async def remove_rendition(
    uow: UnitOfWork, kind: OriginalKind, original_id: UUID, rendition_id: UUID, caller: Caller, match: Match
) -> None:
    """Remove a rendition. Raises what `queries.lock_rendition` does."""
    record = await queries.lock_rendition(uow.session, kind, original_id, rendition_id, caller)
    match.check(record)
    await uow.remove(record.rendition)


async def erase_renditions(uow: UnitOfWork, kind: OriginalKind, original_id: UUID) -> None:
    """Delete every rendition of an original."""
    for rendition_id in await queries.delete_renditions_of(uow.session, kind, original_id):
        uow.record("removed", "Rendition", rendition_id)


async def _columns(
    uow: UnitOfWork, body: NewRendition, original: Original, *, besides: UUID | None = None
) -> dict[str, Any]:
    """Return the columns of a rendition.

    Raises OriginalNotShown, EditionNotThere, RenditionUnusable, RenditionExists.
    """
    edition = body.made_from_edition or original.edition
    rules.check_original(original, edition)
    rules.check_usable(body.kind, body.content, body.url)
    await check_not_taken_back(uow, {"/title": body.title, "/content": body.content})
    language = rules.language_of(body.kind, body.language)
    if existing := await queries.same_rendition(uow.session, original, body.kind, language, besides=besides):
        raise rules.RenditionExists(rendition_id=existing)
    return {**body.model_dump(), "language": language, "made_from_edition": edition, "named": original.named}


def _as_sent(rendition: Rendition) -> dict[str, Any]:
    """Return the rendition as it was sent: what a patch applies to."""
    columns = rendition.model_dump(mode="json")
    return {name: value for name, value in columns.items() if name in NewRendition.model_fields}
