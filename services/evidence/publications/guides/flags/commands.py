"""Deciding about a flag."""

from uuid import UUID

from services.evidence.library.items.words.commands import check_not_taken_back
from services.evidence.publications.cited_items.etags import check_response
from services.evidence.publications.cited_items.queries import get_cited_items
from services.evidence.publications.cited_items.rules import accept_issue
from services.evidence.publications.guides.citations.commands import publish_flags, update_flags
from services.evidence.publications.guides.citations.queries import is_citation
from services.evidence.publications.guides.documents.citations import remove_citation, repin_citation
from services.evidence.publications.guides.drafts.commands import write_draft
from services.evidence.publications.guides.editions.queries import get_current_content, load_published_edition
from services.evidence.publications.guides.flags import queries, rules
from services.evidence.publications.guides.flags.views import FlagDecision, FlagOutcome
from services.evidence.publications.guides.presenter import respond
from services.evidence.publications.guides.queries import find_draft, lock_guide
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def resolve_flag(
    uow: UnitOfWork,
    guide_id: UUID,
    statement_id: UUID,
    item_id: UUID,
    body: FlagDecision,
    match: Match,
    caller: Caller,
) -> FlagOutcome:
    """Accept the issue at once (`keep`), or change the citation in the next edition (`repin`, `remove`).

    `keep` publishes GuideFlagsChanged. Only as the caller has read the guide, with what it cites. Raises
    CitationNotFound, PreconditionRequired, PreconditionFailed, NothingFlagged, CannotKeepCitation, CannotRepinCitation,
    Invalid.
    """
    guide = await lock_guide(uow.session, guide_id)
    citation = await queries.lock_citation(uow.session, guide_id, statement_id, item_id)
    check_response(match, respond(await load_published_edition(uow.session, guide, guide.edition)))
    item = (await get_cited_items(uow.session, [item_id]))[item_id]
    rules.check_may_decide(body.decision, citation, citation.decision is not None, item)
    uow.record(f"flag: {body.decision}", "Guide", guide_id, after={"statement": statement_id, "item": item_id})
    guide.updated_at = clock.now()
    if body.decision == "keep":
        await check_not_taken_back(uow, {"/because": body.because})
        accepted = accept_issue(citation, body.because or "", clock.today())
        await queries.store_accepted_issues(uow.session, statement_id, item_id, accepted)
        await publish_flags(
            uow, [guide], await update_flags(uow.session, is_citation(statement_id, item_id), clock.now())
        )
        return FlagOutcome(decision="keep", in_next_edition=False)
    draft = await find_draft(uow.session, guide_id)
    content = await get_current_content(uow.session, guide, draft)
    if body.decision == "repin":
        content = repin_citation(content, statement_id, item_id, item)
    else:
        content = remove_citation(content, statement_id, item_id)
    await write_draft(uow, guide, draft, content, caller.id)
    await queries.store_decision(uow.session, statement_id, item_id, body.decision)
    return FlagOutcome(decision=body.decision, in_next_edition=True)
