"""SQL of proposals: one, those that the caller may see, and those that wait for a person."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.queries import lock_item
from services.evidence.library.items.rules import check_not_gone, may_see_all
from services.evidence.library.items.tables import Item, Proposal, ProposalStatus, Side
from shared.callers import Caller
from shared.persistence.columns import in_array, select_columns
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class ProposalNotFound(NotFound):
    title = "There is no such proposal"
    detail = "Check the id. Those that you may see are at /v1/evidence/proposals."


class ProposedWords(NamedTuple):
    """A proposal with the item whose words it would change."""

    proposal: Proposal
    item: Item

    @classmethod
    def of(cls, row: Sequence[Any]) -> "ProposedWords":
        """Return what a row of `proposals_for` holds."""
        proposal, item, _ = row
        return cls(proposal, item)


_PROPOSED_WORDS = select_columns(Proposal, Item, col(Proposal.id)).join(Item, col(Item.id) == col(Proposal.item_id))


async def get_proposal(session: AsyncSession, proposal_id: UUID, caller: Caller) -> ProposedWords:
    """Return a proposal for an item of the caller, or any for an editor. Raises ProposalNotFound."""
    row = (await session.execute(_PROPOSED_WORDS.where(col(Proposal.id) == proposal_id))).first()
    words = None if row is None else ProposedWords.of(row)
    if words is None or not may_see_all(caller, words.item):
        raise ProposalNotFound
    return words


async def lock_proposal(session: AsyncSession, proposal_id: UUID, caller: Caller) -> ProposedWords:
    """Lock a proposal after its item, as every change of words does. Raises ProposalNotFound, ItemWithdrawn."""
    item_id = await session.scalar(select(col(Proposal.item_id)).where(col(Proposal.id) == proposal_id))
    if item_id is None:
        raise ProposalNotFound
    item = await lock_item(session, item_id)
    if not may_see_all(caller, item):
        raise ProposalNotFound
    check_not_gone(item, caller)
    return ProposedWords(await fetch(session, Proposal, proposal_id, missing=ProposalNotFound, lock=True), item)


def proposals_for(
    contributor: UUID | None,
    *,
    item_id: UUID | None = None,
    status: ProposalStatus | None = None,
    waiting_for: Side | None = None,
) -> Select[Any]:
    """Return the statement of the proposals for one person's items, or of all. To be paged by id."""
    statement = _PROPOSED_WORDS
    if contributor is not None:
        statement = statement.where(col(Item.contributor_id) == contributor)
    if item_id is not None:
        statement = statement.where(col(Proposal.item_id) == item_id)
    if status is not None:
        statement = statement.where(col(Proposal.status) == status)
    if waiting_for is not None:
        proposed_by = "editor" if waiting_for == "contributor" else "contributor"
        statement = statement.where(col(Proposal.status) == "waiting", col(Proposal.proposed_by) == proposed_by)
    return statement


async def waiting_for_contributor(session: AsyncSession, item_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return for how many proposals each of these items waits for the person who gave it."""
    statement = (
        select(col(Proposal.item_id), func.count().label("number"))
        .where(
            in_array(col(Proposal.item_id), item_ids),
            col(Proposal.status) == "waiting",
            col(Proposal.proposed_by) == "editor",
        )
        .group_by(col(Proposal.item_id))
    )
    return {row.item_id: row.number for row in await session.execute(statement)}
