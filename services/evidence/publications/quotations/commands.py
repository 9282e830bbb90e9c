"""Read the library batch by batch for what repeats words that were taken back, and hold it back.

What quotes an account stands on it, cited or not. So an answer, a learning piece or a statement that repeats its words
gets the citation that nobody wrote: from there on it is held back, listed and decided about like what cites it, and the
gate for words (`items.words`) refuses whatever still holds them. An item becomes a draft, a rendition is withheld.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.items.queries import lock_item
from services.evidence.library.items.words.queries import known_texts
from services.evidence.library.items.words.rules import fingerprints_of, may_repeat
from services.evidence.library.renditions.tables import Rendition
from services.evidence.library.topics.classification import set_published
from services.evidence.library.topics.queries import lock_topic, save_synonyms
from services.evidence.library.topics.rules import normalise_synonyms
from services.evidence.library.works.merges.queries import restore_as_draft
from services.evidence.publications.guides.citations.commands import publish_flags
from services.evidence.publications.guides.citations.commands import update_flags as update_guide_flags
from services.evidence.publications.guides.citations.queries import is_citation, touch_guides
from services.evidence.publications.guides.queries import lock_guide
from services.evidence.publications.learning.commands import update_flags as update_learning_flags
from services.evidence.publications.learning.queries import is_of_piece, lock_piece
from services.evidence.publications.quotations import queries, rules
from services.evidence.publications.quotations.rules import Passage, Scan
from services.evidence.publications.requests.doubts.commands import update_flags as update_answer_flags
from services.evidence.publications.requests.doubts.queries import is_of_turn
from services.evidence.publications.requests.queries import lock_request
from services.evidence.publications.requests.rules import unpublish
from shared import clock
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork

Hold = Callable[[UnitOfWork, Passage, Scan], Awaitable[None]]
ReadPassages = Callable[[AsyncSession, UUID | None, int], Awaitable[list[Passage]]]


class ScanStage(NamedTuple):
    """One kind of what is read, so many rows at a time, in the order of their ids."""

    read: ReadPassages
    hold: Hold
    rows: int = 500


async def scan_next(uow: UnitOfWork) -> bool:
    """Read the next batch for the oldest scans, and hold back what repeats their words. Returns whether there was one.

    One transaction: what is held back, and how far the library was read. Killed, a worker repeats its batch alone.
    """
    scans = await queries.lock_scans(uow.session)
    if not scans:
        return False
    stage = STAGES[scans[0].stage]
    passages = await stage.read(uow.session, scans[0].after_id, stage.rows)
    for passage, scan in await find_quotations(uow, passages, scans):
        await stage.hold(uow, passage, scan)
    if passages:
        await queries.move_scans(uow.session, scans, scans[0].stage, passages[-1].id)
    elif scans[0].stage + 1 < len(STAGES):
        await queries.move_scans(uow.session, scans, scans[0].stage + 1, None)
    else:
        await queries.end_scans(uow.session, scans)
    return True


async def find_quotations(
    uow: UnitOfWork, passages: Sequence[Passage], scans: Sequence[Scan]
) -> list[tuple[Passage, Scan]]:
    """Return those of the passages that repeat words of these scans, each with the first whose words it repeats."""
    shingles = await queries.shingles_of(uow.session, [scan.item_id for scan in scans])
    suspects = [passage for passage in passages if shingles and may_repeat(passage.texts, shingles, uow.secret)]
    if not suspects:
        return []
    texts = [("", fingerprints_of(passage.texts, uow.secret)) for passage in suspects]
    candidates = await known_texts(uow.session, texts)
    return [
        (passage, scan)
        for passage in suspects
        if (scan := rules.first_repeated(passage, scans, candidates, uow.secret))
    ]


async def _hold_back_item(uow: UnitOfWork, passage: Passage, scan: Scan) -> None:
    item = await lock_item(uow.session, passage.id)
    if item.status == "withdrawn":
        return
    after = {"repeats": scan.item_id, "edition": passage.part}
    uow.record("held back", "Item", item.id, after=after)
    await idempotency.redact_responses(uow.session, item.id)
    if passage.part is not None:
        await queries.withhold_edition(uow.session, item.id, passage.part)
        item.updated_at = clock.now()
        return
    if item.status == "merged":
        await restore_as_draft(uow.session, item.id)
    if withdrawn := rules.hold_back_item(item, clock.now()):
        uow.publish(withdrawn, of=item)
        await set_published(uow.session, item.id, None)


async def _hold_back_statement(uow: UnitOfWork, passage: Passage, scan: Scan) -> None:
    guide = await lock_guide(uow.session, passage.id)
    edition, part = passage.part
    await queries.mark_guide_edition(uow.session, guide.id, edition, part)
    await idempotency.redact_responses(uow.session, guide.id)
    if edition != guide.edition:
        return
    uow.record("held back", "Guide", guide.id, after={"repeats": scan.item_id, "part": part})
    now, statement_id = clock.now(), part
    if part == guide.id:
        rules.hold_back_listing(guide, ("title", "summary"))
        statement_id = await queries.first_statement(uow.session, guide.id)
    await queries.add_to_statement(uow.session, statement_id, scan, await _cited_edition(uow, scan))
    await update_guide_flags(uow.session, is_citation(statement_id, scan.item_id), now)
    await touch_guides(uow.session, [guide.id], now)
    await publish_flags(uow, [guide], [statement_id])


async def _hold_back_piece(uow: UnitOfWork, passage: Passage, scan: Scan) -> None:
    piece = await lock_piece(uow.session, passage.id)
    uow.record("held back", "LearningPiece", piece.id, after={"repeats": scan.item_id})
    if passage.part == "title":
        rules.hold_back_listing(piece, ("title",))
    await idempotency.redact_responses(uow.session, piece.id)
    await queries.add_to_piece(uow.session, piece.id, scan, await _cited_edition(uow, scan))
    await update_learning_flags(uow.session, is_of_piece(piece.id), clock.now())


async def _hold_back_answer(uow: UnitOfWork, passage: Passage, scan: Scan) -> None:
    request_id = await queries.request_of_turn(uow.session, passage.id)
    if request_id is None:
        return
    request = await lock_request(uow.session, request_id)
    uow.record("held back", "EvidenceRequest", request.id, after={"repeats": scan.item_id})
    if passage.part == "question":
        unpublish(request)
    await idempotency.redact_responses(uow.session, request.id)
    await queries.add_to_answer(uow.session, passage.id, scan, await _cited_edition(uow, scan))
    await update_answer_flags(uow.session, is_of_turn(passage.id), clock.now())


async def _withhold_rendition(uow: UnitOfWork, passage: Passage, scan: Scan) -> None:
    """Withhold it as one that names somebody whom its original does not name: here by the id of what they gave."""
    rendition = await uow.session.get(Rendition, passage.id, with_for_update=True)
    if rendition is None or str(scan.item_id) in (rendition.named or ""):
        return
    rendition.named = "\n".join(filter(None, (rendition.named, str(scan.item_id))))
    await idempotency.redact_responses(uow.session, rendition.id)


async def _hold_back_topic(uow: UnitOfWork, passage: Passage, scan: Scan) -> None:
    topic = await lock_topic(uow.session, passage.id)
    uow.record("held back", "Topic", topic.id, after={"repeats": scan.item_id})
    synonyms = [] if passage.part is None else [passage.part]
    if changed := rules.hold_back_topic(topic, name=passage.part is None, synonyms=synonyms):
        uow.publish(changed, of=topic)
    await save_synonyms(uow.session, topic.id, normalise_synonyms(topic.name, topic.synonyms))
    await idempotency.redact_responses(uow.session, topic.id)


async def _cited_edition(uow: UnitOfWork, scan: Scan) -> int:
    return scan.edition or await queries.current_edition(uow.session, scan.item_id)


STAGES = (
    ScanStage(queries.item_passages, _hold_back_item),
    ScanStage(queries.guide_passages, _hold_back_statement, rows=50),
    ScanStage(queries.learning_passages, _hold_back_piece),
    ScanStage(queries.answer_passages, _hold_back_answer),
    ScanStage(queries.rendition_passages, _withhold_rendition),
    ScanStage(queries.topic_passages, _hold_back_topic),
)
