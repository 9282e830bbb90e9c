"""The file that the bank takes: pain.001.001.09 in pounds, as UK banks take it for Faster Payments.

Limits of Faster Payments that are narrower than ISO 20022's: an end-to-end id of 31 characters, a reference of 18.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.funding.payments.runs.documents import Element, complaints, etree
from shared.clock import LONDON

MESSAGE = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{MESSAGE}"
REFERENCE_LENGTH = 18


class FileNotConforming(Exception):
    """What was built does not follow its schema: a fault of ours, found before the file was kept."""


@dataclass(frozen=True, slots=True)
class Account:
    """A UK account and the name on it."""

    name: str
    sort_code: str
    account_number: str


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment: whole pence to one account."""

    end_to_end_id: str
    uetr: UUID
    pence: int
    payee: Account
    reference: str


def short(id: UUID) -> str:
    """An id in 26 letters and digits, all of which every bank takes."""
    return base64.b32encode(id.bytes).decode().rstrip("=")


def reference(claim_id: UUID) -> str:
    """What the person reads on their statement: who paid, and the end of the claim's short id."""
    return f"IMPACT {short(claim_id)[-10:]}"[:REFERENCE_LENGTH]


def pounds(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02}"


def build(
    message_id: str, created_at: datetime, execute_on: date, payer: Account, transfers: Sequence[CreditTransfer]
) -> bytes:
    """The file. Raises FileNotConforming when it does not follow the schema."""
    root = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})
    initiation = _add(root, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", created_at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M:%S"))
    _totals(header, transfers)
    _add(_add(header, "InitgPty"), "Nm", payer.name)
    information = _add(initiation, "PmtInf")
    _add(information, "PmtInfId", message_id)
    _add(information, "PmtMtd", "TRF")
    _add(information, "BtchBookg", "false")
    _totals(information, transfers)
    _add(_add(_add(information, "PmtTpInf"), "SvcLvl"), "Cd", "URGP")
    _add(_add(information, "ReqdExctnDt"), "Dt", execute_on.isoformat())
    _add(_add(information, "Dbtr"), "Nm", payer.name)
    _add(_account(information, "DbtrAcct", payer), "Ccy", "GBP")
    _agent(information, "DbtrAgt", payer)
    _add(information, "ChrgBr", "SHAR")
    for transfer in transfers:
        _transfer(information, transfer)
    if error := complaints(root, MESSAGE):
        raise FileNotConforming("; ".join(error))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _transfer(information: Element, transfer: CreditTransfer) -> None:
    told = _add(information, "CdtTrfTxInf")
    ids = _add(told, "PmtId")
    _add(ids, "EndToEndId", transfer.end_to_end_id)
    _add(ids, "UETR", str(transfer.uetr))
    _add(_add(told, "Amt"), "InstdAmt", pounds(transfer.pence)).set("Ccy", "GBP")
    _agent(told, "CdtrAgt", transfer.payee)
    _add(_add(told, "Cdtr"), "Nm", transfer.payee.name)
    _account(told, "CdtrAcct", transfer.payee)
    _add(_add(told, "RmtInf"), "Ustrd", transfer.reference)


def _totals(parent: Element, transfers: Sequence[CreditTransfer]) -> None:
    _add(parent, "NbOfTxs", str(len(transfers)))
    _add(parent, "CtrlSum", pounds(sum(transfer.pence for transfer in transfers)))


def _account(parent: Element, name: str, account: Account) -> Element:
    told = _add(parent, name)
    other = _add(_add(told, "Id"), "Othr")
    _add(other, "Id", account.account_number)
    _add(_add(other, "SchmeNm"), "Cd", "BBAN")
    return told


def _agent(parent: Element, name: str, account: Account) -> None:
    member = _add(_add(_add(parent, name), "FinInstnId"), "ClrSysMmbId")
    _add(_add(member, "ClrSysId"), "Cd", "GBDSC")
    _add(member, "MmbId", account.sort_code)


def _add(parent: Element, name: str, value: str | None = None) -> Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = value
    return child
