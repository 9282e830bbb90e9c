"""The database as FastAPI dependencies of an endpoint: a `Transaction` for a command, `Reading` for a query."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.callers import caller_of
from shared.persistence import idempotency
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork


async def begin_transaction(request: Request) -> AsyncIterator[UnitOfWork]:
    """Yield the unit of work of a request. It is committed after the endpoint, before the response is sent.

    Raises what `idempotency.claim_key` raises.
    """
    database: Database = request.app.state.database
    async with database.transaction(caller_of(request)) as uow:
        await idempotency.claim_key(request, uow.session)
        yield uow
        await idempotency.store_response(request, uow.session)


async def claim_idempotency_key(request: Request) -> None:
    """Claim the key of a command that a `StatementExecutor` runs, which stores the record with the effect.

    The key is locked only while the record is looked up. Of two equal requests at once both may go on, so the statement
    itself must have its effect only once; claim the key again where it had none. Raises what `idempotency.claim_key`
    raises.
    """
    if idempotency.key_of(request) is None:
        return
    database: Database = request.app.state.database
    async with database.session() as session:
        await idempotency.claim_key(request, session)


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield a session that only reads."""
    database: Database = request.app.state.database
    async with database.session() as session:
        yield session


Transaction = Annotated[UnitOfWork, Depends(begin_transaction, scope="function")]
"""The unit of work of a command's endpoint."""
Reading = Annotated[AsyncSession, Depends(open_session, scope="function")]
"""The session of a query's endpoint."""
