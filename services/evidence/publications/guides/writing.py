"""Writing in a guide: the draft of its next edition, and how it is shown."""

import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.topics.queries import unknown_topics
from services.evidence.publications.guides import checking, queries, rules, views
from services.evidence.publications.guides.citing import pinned
from services.evidence.publications.guides.documents import GuideContent, cited_in
from services.evidence.publications.guides.showing import Shown, items_in, whole
from services.evidence.publications.guides.tables import Guide, GuideDraft
from shared import clock
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


def check_same(match: Match, guide: Guide) -> None:
    """The ETag of a guide tells its version, then what it shows of others: only its own version counts here.

    Raises PreconditionRequired, PreconditionFailed.
    """
    Match(match.header and re.sub(r'-[0-9a-f]{16}"', '"', match.header)).check(guide)


async def content_now(session: AsyncSession, guide: Guide, draft: GuideDraft | None) -> GuideContent:
    """What a change applies to: the draft, or the published edition when none is being written.

    The day by which that is looked at again may have moved since it was written.
    """
    if draft is not None:
        return GuideContent.model_validate(draft.content)
    standing = await queries.content_of(session, guide.id, guide.edition)
    if standing is None:
        raise rules.GuideNotFound
    return GuideContent.model_validate({**standing.content, "review_on": guide.review_on})


async def write(
    uow: UnitOfWork, guide: Guide, draft: GuideDraft | None, content: GuideContent, author: UUID
) -> GuideDraft:
    """Keep this as the draft of the guide. Raises Invalid."""
    before = None if draft is None and guide.edition == 0 else await content_now(uow.session, guide, draft)
    known = {one.id for one in before.statements if one.id} if before else set[UUID]()
    known |= {statement for statement, _ in await queries.citations_of(uow.session, guide.id)}
    numbered = checking.number(content, known)
    kept = await checked(uow.session, numbered, cited_in(before) if before else ())
    if draft is None:
        draft = GuideDraft(id=guide.id, content={}, authors=[])
        uow.save(draft)
    rules.write(guide, draft, kept, author)
    guide.updated_at = clock.now()
    return draft


async def checked(session: AsyncSession, content: GuideContent, before: Collection[UUID]) -> GuideContent:
    """With every citation pinned. Raises Invalid for what is not there or may not be cited."""
    cited = await queries.cited_items(session, cited_in(content))
    errors = checking.unfit(content, cited, before)
    for place in await unknown_topics(session, content.topics):
        detail = "There is no such topic. The list is at /v1/topics."
        errors.append(FieldError(pointer=f"/topics/{place}", detail=detail))
    if errors:
        raise Invalid(errors=errors)
    return pinned(content, cited)


async def answered(uow: UnitOfWork, guide: Guide, draft: GuideDraft, *, status: int = 200) -> Response:
    """The draft as this unit of work leaves it."""
    await uow.session.flush()
    return await shown_draft(uow.session, guide, draft, status=status)


async def shown_draft(session: AsyncSession, guide: Guide, draft: GuideDraft, *, status: int = 200) -> Response:
    content = GuideContent.model_validate(draft.content)
    cited = await queries.cited_items(session, cited_in(content))
    shown = Shown(draft.content, cited, "review" if draft.state == "review" else "draft", guide.edition + 1)
    view: dict[str, Any] = {
        **whole(guide, shown),
        "returned_because": draft.returned_because,
        "still_missing": [error.model_dump() for error in checking.unready(content, cited, clock.today())],
    }
    return views.answered(view, guide, public=False, status=status)


async def shown_edition(session: AsyncSession, guide: Guide, edition: int, *, public: bool) -> Response:
    """An edition that was published, as what it cites stands today. Raises GuideEditionNotFound."""
    kept = await queries.content_of(session, guide.id, edition)
    if kept is None:
        raise rules.GuideEditionNotFound
    shown = Shown(
        kept.content,
        await queries.cited_items(session, items_in(kept.content)),
        "published",
        edition,
        kept.published_at,
        kept.superseded_at,
        await queries.citations_of(session, guide.id, noted=True) if edition == guide.edition else {},
    )
    return views.answered(whole(guide, shown), guide, public=public)
