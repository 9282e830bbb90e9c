"""The credit transfer initiation (pain.001.001.09) in pounds, as UK banks accept it for Faster Payments.

The limits of Faster Payments and Bacs are narrower than ISO 20022's: 18 characters of an end-to-end id and of a
reference.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from lxml import etree

from services.funding.payments.iso20022.documents import Element, schema_errors
from shared.clock import LONDON

MESSAGE = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{MESSAGE}"
DEFAULT_NAMESPACE = cast("dict[str, str]", {None: NAMESPACE})
"""lxml's stubs do not know that None stands for the default namespace."""
MAX_END_TO_END_ID_LENGTH = 18
MAX_REFERENCE_LENGTH = 18


class FileNotConformingError(Exception):
    """The file that was built violates its schema: a defect, found before the file is stored."""


@dataclass(frozen=True, slots=True)
class BankAccount:
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
    payee: BankAccount
    reference: str


def short_id(id: UUID) -> str:
    """Return the id as 26 letters and digits (base 32), which every bank accepts."""
    return base64.b32encode(id.bytes).decode().rstrip("=")


def end_to_end_id(payment_id: UUID) -> str:
    """Return the end of the short id: 88 bits, of which a UUIDv7 draws 74 at random."""
    return short_id(payment_id)[-MAX_END_TO_END_ID_LENGTH:]


def reference(claim_id: UUID) -> str:
    """Return the reference on the person's bank statement: who paid, and the end of the claim's short id."""
    return f"IMPACT {short_id(claim_id)[-10:]}"[:MAX_REFERENCE_LENGTH]


def format_pounds(pence: int) -> str:
    """Return pence as pounds with two decimals."""
    return f"{pence // 100}.{pence % 100:02}"


def build(
    message_id: str, created_at: datetime, execute_on: date, payer: BankAccount, transfers: Sequence[CreditTransfer]
) -> bytes:
    """Return the file. Raises FileNotConformingError when it violates the schema."""
    root = etree.Element(f"{{{NAMESPACE}}}Document", nsmap=DEFAULT_NAMESPACE)
    initiation = _add(root, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", created_at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M:%S"))
    _add_totals(header, transfers)
    _add(_add(header, "InitgPty"), "Nm", payer.name)
    information = _add(initiation, "PmtInf")
    _add(information, "PmtInfId", message_id)
    _add(information, "PmtMtd", "TRF")
    _add(information, "BtchBookg", "false")
    _add_totals(information, transfers)
    _add(_add(_add(information, "PmtTpInf"), "SvcLvl"), "Cd", "URGP")
    _add(_add(information, "ReqdExctnDt"), "Dt", execute_on.isoformat())
    _add(_add(information, "Dbtr"), "Nm", payer.name)
    _add(_add_account(information, "DbtrAcct", payer), "Ccy", "GBP")
    _add_agent(information, "DbtrAgt", payer)
    _add(information, "ChrgBr", "SHAR")
    for transfer in transfers:
        _add_transfer(information, transfer)
    if errors := schema_errors(root, MESSAGE):
        raise FileNotConformingError("; ".join(errors))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_transfer(information: Element, transfer: CreditTransfer) -> None:
    element = _add(information, "CdtTrfTxInf")
    ids = _add(element, "PmtId")
    _add(ids, "EndToEndId", transfer.end_to_end_id)
    _add(ids, "UETR", str(transfer.uetr))
    _add(_add(element, "Amt"), "InstdAmt", format_pounds(transfer.pence)).set("Ccy", "GBP")
    _add_agent(element, "CdtrAgt", transfer.payee)
    _add(_add(element, "Cdtr"), "Nm", transfer.payee.name)
    _add_account(element, "CdtrAcct", transfer.payee)
    _add(_add(element, "RmtInf"), "Ustrd", transfer.reference)


def _add_totals(parent: Element, transfers: Sequence[CreditTransfer]) -> None:
    _add(parent, "NbOfTxs", str(len(transfers)))
    _add(parent, "CtrlSum", format_pounds(sum(transfer.pence for transfer in transfers)))


def _add_account(parent: Element, name: str, account: BankAccount) -> Element:
    element = _add(parent, name)
    other = _add(_add(element, "Id"), "Othr")
    _add(other, "Id", account.account_number)
    _add(_add(other, "SchmeNm"), "Cd", "BBAN")
    return element


def _add_agent(parent: Element, name: str, account: BankAccount) -> None:
    member = _add(_add(_add(parent, name), "FinInstnId"), "ClrSysMmbId")
    _add(_add(member, "ClrSysId"), "Cd", "GBDSC")
    _add(member, "MmbId", account.sort_code)


def _add(parent: Element, name: str, value: str | None = None) -> Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = value
    return child
