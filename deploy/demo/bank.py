"""A simulated bank for demonstrations: it reports (pain.002.001.12) on a payment file (pain.001.001.09)."""

import hashlib
from collections.abc import Set
from typing import Any

from lxml import etree as untyped

from shared import clock

etree: Any = untyped
Element = Any
PAIN001 = "pain.001.001.09"
PAIN001_NAMESPACES = {"p": f"urn:iso:std:iso:20022:tech:xsd:{PAIN001}"}
PAIN002_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
NO_IDS: frozenset[str] = frozenset()


def status_report(pain001: bytes, rejected_ids: Set[str] = NO_IDS) -> bytes:
    """Return the report on a payment file.

    Payments are settled (ACSC) on the day that the file asks for, except those whose end-to-end id is in
    `rejected_ids` (RJCT, AC04: account closed).
    """
    document = etree.fromstring(pain001, etree.XMLParser(resolve_entities=False, no_network=True))
    initiation = document.find("p:CstmrCdtTrfInitn", PAIN001_NAMESPACES)
    transactions = initiation.findall("p:PmtInf/p:CdtTrfTxInf", PAIN001_NAMESPACES)
    rejected = sum(_text(transaction, "p:PmtId/p:EndToEndId") in rejected_ids for transaction in transactions)
    group_status = "ACSC" if rejected == 0 else "RJCT" if rejected == len(transactions) else "PART"
    root, report = _new_report(pain001, "BANK")
    _add_group(report, initiation, group_status)
    for information in initiation.findall("p:PmtInf", PAIN001_NAMESPACES):
        _report_information(report, information, rejected_ids, group_status)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def duplicate_notice(pain001: bytes) -> bytes:
    """Return the notice on a payment file that was uploaded before: the whole file is rejected (RJCT, DUPL)."""
    document = etree.fromstring(pain001, etree.XMLParser(resolve_entities=False, no_network=True))
    root, report = _new_report(pain001, "DUPL")
    group = _add_group(report, document.find("p:CstmrCdtTrfInitn", PAIN001_NAMESPACES), "RJCT")
    _add(_add(_add(group, "StsRsnInf"), "Rsn"), "Cd", "DUPL")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _new_report(pain001: bytes, prefix: str) -> tuple[Element, Element]:
    """Return a document, and the report in it with its header."""
    root = etree.Element(f"{{{PAIN002_NAMESPACE}}}Document", nsmap={None: PAIN002_NAMESPACE})
    report = _add(root, "CstmrPmtStsRpt")
    header = _add(report, "GrpHdr")
    _add(header, "MsgId", f"{prefix}-{hashlib.sha256(pain001).hexdigest()[:24].upper()}")
    _add(header, "CreDtTm", _now())
    return root, report


def _add_group(report: Element, initiation: Element, status: str) -> Element:
    group = _add(report, "OrgnlGrpInfAndSts")
    _add(group, "OrgnlMsgId", _text(initiation, "p:GrpHdr/p:MsgId"))
    _add(group, "OrgnlMsgNmId", PAIN001)
    _add(group, "OrgnlNbOfTxs", _text(initiation, "p:GrpHdr/p:NbOfTxs"))
    _add(group, "GrpSts", status)
    return group


def _report_information(report: Element, information: Element, rejected_ids: Set[str], group_status: str) -> None:
    """Add the status of one group of payments (PmtInf), and that of each payment in it."""
    element = _add(report, "OrgnlPmtInfAndSts")
    _add(element, "OrgnlPmtInfId", _text(information, "p:PmtInfId"))
    _add(element, "PmtInfSts", group_status)
    for transaction in information.findall("p:CdtTrfTxInf", PAIN001_NAMESPACES):
        end_to_end_id = _text(transaction, "p:PmtId/p:EndToEndId")
        status = _add(element, "TxInfAndSts")
        _add(status, "OrgnlEndToEndId", end_to_end_id)
        _add(status, "TxSts", "RJCT" if end_to_end_id in rejected_ids else "ACSC")
        if end_to_end_id in rejected_ids:
            _add(_add(_add(status, "StsRsnInf"), "Rsn"), "Cd", "AC04")
            continue
        _add(status, "AccptncDtTm", _now())
        _add(_add(status, "OrgnlTxRef"), "IntrBkSttlmDt", _text(information, "p:ReqdExctnDt/p:Dt"))


def _now() -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(parent: Element, path: str) -> str:
    return parent.findtext(path, namespaces=PAIN001_NAMESPACES)


def _add(parent: Element, name: str, value: str | None = None) -> Element:
    child = etree.SubElement(parent, f"{{{PAIN002_NAMESPACE}}}{name}")
    child.text = value
    return child
