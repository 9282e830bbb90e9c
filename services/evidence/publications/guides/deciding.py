"""What editors decide about statements whose evidence has changed."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field, model_validator

from services.evidence.callers import Editor
from services.evidence.publications.guides import flagging, queries, rules, views, writing
from services.evidence.publications.guides.citing import repin, uncite
from services.evidence.publications.guides.words import Plain
from shared import clock
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import documented
from shared.views import Body, View

router = create_router("/v1/guides", "guides")


class FlagDecision(Body):
    """`repin` to what stands today, `remove` the citation, or `keep` it as it is and say why."""

    decision: rules.Decision
    because: Plain | None = Field(default=None, description="Shown to readers where the citation is kept.")

    @model_validator(mode="after")
    def _kept_for_a_reason(self) -> "FlagDecision":
        if self.decision == "keep" and not self.because:
            raise ValueError("Say in `because` why the statement holds as it is")
        return self


class FlagOutcome(View):
    """What comes of a decision. A change waits in the next edition until somebody else has read it."""

    decision: rules.Decision
    in_next_edition: bool


@router.get("/flags", response_model=Page[views.FlaggedStatement])
async def list_flags(
    caller: Editor,
    session: Reading,
    paging: Paging,
    response: Response,
    mine: Annotated[bool, Query(description="Only of guides that you own.")] = False,
    decided: Annotated[bool, Query(description="Those that wait for the next edition of their guide.")] = False,
) -> Page[views.FlaggedStatement]:
    """Statements whose evidence has changed, those of your own guides first, then the oldest first.

    The header `Open-Flags` says how many of your own wait for you.
    """
    response.headers["Open-Flags"] = str(await flagging.number_of_flags(session, caller.id))
    wanted = flagging.flags(caller.id, mine=mine, decided=decided)
    return await paginate(session, wanted, paging, key=flagging.flag_order(caller.id), view=views.flagged)


@router.post(
    "/{guide_id}/statements/{statement_id}/citations/{item_id}/resolve",
    response_model=FlagOutcome,
    responses=documented(
        rules.GuideNotFound,
        rules.GuideIsWithdrawn,
        rules.NothingFlagged,
        rules.CannotBeKept,
        rules.CannotBePinned,
    ),
)
async def resolve_flag(
    guide_id: UUID, statement_id: UUID, item_id: UUID, decision: FlagDecision, caller: Editor, uow: Transaction
) -> FlagOutcome:
    """Decide about a flag. `keep` settles it at once; the others are written into the guide's next edition."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    citation = await flagging.lock_citation(uow.session, guide_id, statement_id, item_id)
    today = (await queries.cited_items(uow.session, [item_id]))[item_id]
    rules.check_may_decide(decision.decision, citation, today)
    uow.record(f"flag: {decision.decision}", "Guide", guide_id, after={"statement": statement_id, "item": item_id})
    guide.updated_at = clock.now()
    if decision.decision == "keep":
        kept = rules.kept(citation, decision.because or "", clock.today())
        await flagging.settle_citation(uow.session, statement_id, item_id, kept=kept)
        one = flagging.of_citation(statement_id, item_id)
        await flagging.flag_citations(uow.session, one, clock.now())
        return FlagOutcome(decision="keep", in_next_edition=False)
    draft = await queries.draft(uow.session, guide_id)
    content = await writing.content_now(uow.session, guide, draft)
    if decision.decision == "repin":
        content = repin(content, statement_id, item_id, today)
    else:
        content = uncite(content, statement_id, item_id)
    await writing.write(uow, guide, draft, content, caller.id)
    await flagging.settle_citation(uow.session, statement_id, item_id, decided=decision.decision)
    return FlagOutcome(decision=decision.decision, in_next_edition=True)
