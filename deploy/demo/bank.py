"""A bank for demonstrations: it answers a payment file (pain.001.001.09) as a bank would (pain.002.001.12)."""

import hashlib
from collections.abc import Set
from typing import Any

from lxml import etree as untyped

from shared import clock

etree: Any = untyped
Element = Any
ASKED = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
TOLD = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
NOBODY: frozenset[str] = frozenset()


def answer(pain001: bytes, rejected: Set[str] = NOBODY) -> bytes:
    """All settled (ACSC), but for the end-to-end ids in `rejected` (RJCT, AC04: the account is closed)."""
    asked = etree.fromstring(pain001, etree.XMLParser(resolve_entities=False, no_network=True))
    initiation = asked.find("p:CstmrCdtTrfInitn", ASKED)
    transactions = initiation.findall("p:PmtInf/p:CdtTrfTxInf", ASKED)
    refused = sum(_text(transaction, "p:PmtId/p:EndToEndId") in rejected for transaction in transactions)
    of_all = "ACSC" if refused == 0 else "RJCT" if refused == len(transactions) else "PART"
    root = etree.Element(f"{{{TOLD}}}Document", nsmap={None: TOLD})
    report = _add(root, "CstmrPmtStsRpt")
    header = _add(report, "GrpHdr")
    _add(header, "MsgId", f"BANK-{hashlib.sha256(pain001).hexdigest()[:24].upper()}")
    _add(header, "CreDtTm", clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
    group = _add(report, "OrgnlGrpInfAndSts")
    _add(group, "OrgnlMsgId", _text(initiation, "p:GrpHdr/p:MsgId"))
    _add(group, "OrgnlMsgNmId", "pain.001.001.09")
    _add(group, "OrgnlNbOfTxs", str(len(transactions)))
    _add(group, "GrpSts", of_all)
    for information in initiation.findall("p:PmtInf", ASKED):
        _answer_one(report, information, rejected, of_all)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _answer_one(report: Element, information: Element, rejected: Set[str], of_all: str) -> None:
    told = _add(report, "OrgnlPmtInfAndSts")
    _add(told, "OrgnlPmtInfId", _text(information, "p:PmtInfId"))
    _add(told, "PmtInfSts", of_all)
    for transaction in information.findall("p:CdtTrfTxInf", ASKED):
        end_to_end_id = _text(transaction, "p:PmtId/p:EndToEndId")
        one = _add(told, "TxInfAndSts")
        _add(one, "OrgnlEndToEndId", end_to_end_id)
        _add(one, "TxSts", "RJCT" if end_to_end_id in rejected else "ACSC")
        if end_to_end_id in rejected:
            _add(_add(_add(one, "StsRsnInf"), "Rsn"), "Cd", "AC04")


def _text(parent: Element, path: str) -> str:
    return parent.findtext(path, namespaces=ASKED)


def _add(parent: Element, name: str, value: str | None = None) -> Element:
    child = etree.SubElement(parent, f"{{{TOLD}}}{name}")
    child.text = value
    return child
