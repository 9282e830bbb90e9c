"""The proof that the ledger balances and agrees with claims, schemes and the bank."""

from fastapi import Depends

from services.funding.accountability.proof import queries
from services.funding.accountability.proof.views import ProofView
from services.funding.callers import FinanceOrFundingOfficerOrPartner
from shared.http.caching import NO_STORE
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading

router = create_router("/v1/ledger/proof", "Ledger")


@router.get("", response_model=ProofView, dependencies=[Depends(NO_STORE)])
async def get_proof(_caller: FinanceOrFundingOfficerOrPartner, session: Reading) -> ProofView:
    """Show that all accounts add up to zero, and that the ledger agrees with what was approved, reserved and paid."""
    return ProofView.of(await queries.get_proof(session))
