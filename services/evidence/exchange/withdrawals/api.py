"""Withdrawals of imports over HTTP: see first what would go and what stays, then take the import back."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.evidence.callers import Editor
from services.evidence.exchange.imports.queries import ImportNotFound
from services.evidence.exchange.imports.tables import Import
from services.evidence.exchange.withdrawals import commands, queries, rules, statements
from services.evidence.exchange.withdrawals.statements import IsApplied
from services.evidence.exchange.withdrawals.views import ImportWithdrawalView, StayingView
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/imports", "Imports")


async def _is_applied(request: Request) -> IsApplied:
    return request.app.state.is_applied


Applied = Annotated[IsApplied, Depends(_is_applied)]


@router.get("/{import_id}/withdrawal", response_model=ImportWithdrawalView, responses=documented(ImportNotFound))
async def get_withdrawal(
    import_id: UUID, _caller: Editor, session: Reading, is_applied: Applied
) -> ImportWithdrawalView:
    """Show what a withdrawal would remove and take back now, what would stay and why, and how far one has come."""
    await fetch(session, Import, import_id, missing=ImportNotFound)
    counts = await queries.count_reasons(session, import_id, is_applied)
    return ImportWithdrawalView.of(import_id, await queries.withdrawal_of(session, import_id), counts)


@router.get("/{import_id}/withdrawal/stays", response_model=Page[StayingView], responses=documented(ImportNotFound))
async def list_stays(
    import_id: UUID, _caller: Editor, session: Reading, paging: Paging, is_applied: Applied
) -> Page[StayingView]:
    """List what a withdrawal would leave, or has left, each with the reason, in the order of the file."""
    await fetch(session, Import, import_id, missing=ImportNotFound)
    statement = statements.what_stays(import_id, is_applied)
    columns = statement.selected_columns
    key = (columns.number, columns.field, columns.reason)
    return await paginate(session, statement, paging, key=key, view=StayingView)


@router.post(
    "/{import_id}/withdraw",
    status_code=202,
    response_model=ImportWithdrawalView,
    responses=documented(
        ImportNotFound, rules.ImportNotFinished, rules.WithdrawalRunning, PreconditionFailed, PreconditionRequired
    ),
)
async def withdraw_import(
    import_id: UUID, match: IfMatchVersion, caller: Editor, uow: Transaction, response: Response, is_applied: Applied
) -> ImportWithdrawalView:
    """Take an import back: items that nobody touched since, and fields that still say what it brought.

    Fields that another import or harvest states too stay, and are credited to it from then on. In the background:
    follow the Location. What stays can be taken back later, when its reason has gone, by asking again. Send the ETag of
    the import.
    """
    withdrawal = await commands.withdraw_import(uow, import_id, match, caller)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/imports/{import_id}/withdrawal"
    return ImportWithdrawalView.of(
        import_id, withdrawal, await queries.count_reasons(uow.session, import_id, is_applied)
    )
