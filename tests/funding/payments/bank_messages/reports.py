"""Status reports of the bank (pain.002) as tests need them."""

from collections.abc import Mapping
from typing import Any

from services.funding.payments.iso20022 import pain002
from tests.funding.world import FundingWorld
from tests.support.callers import FINANCE


async def report(
    world: FundingWorld,
    run: str,
    payments: Mapping[str, str] | None = None,
    file: str = "",
    *,
    id: str = "B1",
    created: str = "2026-11-30T09:00:00Z",
    message: str = "pain.002.001.12",
) -> bytes:
    """Return a report on a run: `payments` are elements (TxSts...) by claim, `file` those of the whole file."""
    details = await world.json(FINANCE, "GET", f"/v1/payment-runs/{run}")
    transactions: list[str] = []
    for claim, elements in (payments or {}).items():
        id_element = f"<OrgnlEndToEndId>{await world.end_to_end_id(run, claim)}</OrgnlEndToEndId>"
        transactions.append(f"<TxInfAndSts>{id_element}{elements}</TxInfAndSts>")
    information = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId>{''.join(transactions)}</OrgnlPmtInfAndSts>"
    return (
        f'<Document xmlns="{pain002.NAMESPACE_PREFIX}{message}"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>{id}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{details['message_id']}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{file}</OrgnlGrpInfAndSts>"
        f"{information if transactions else ''}</CstmrPmtStsRpt></Document>"
    ).encode()


def reason(code: str) -> str:
    return f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"


def settled(day: str | None = None) -> str:
    on = f"<OrgnlTxRef><IntrBkSttlmDt>{day}</IntrBkSttlmDt></OrgnlTxRef>" if day else ""
    return f"<TxSts>ACSC</TxSts>{on}"


def refused(code: str = "AC04") -> str:
    return f"<TxSts>RJCT</TxSts>{reason(code)}"


async def post(world: FundingWorld, run: str, *payments: Any, **more: Any) -> dict[str, Any]:
    """Post a report. Returns what it did."""
    response = await world.post_bank_message(run, await report(world, run, *payments, **more))
    assert response.status_code == 201, response.text
    return response.json()
