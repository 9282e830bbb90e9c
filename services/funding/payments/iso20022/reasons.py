"""Status reasons of banks in plain words, and which of them mean that the bank has a payment already."""

from typing import NamedTuple


class StatusReason(NamedTuple):
    """A reason in plain words. `duplicate`: the bank has an earlier instruction, which may have been paid.

    `payee`: it lies with the account or the name that the payee gave, so that other bank details can mend it.
    """

    text: str
    duplicate: bool = False
    payee: bool = False


STATUS_REASONS = {
    "AC01": StatusReason("The bank does not know this account number.", payee=True),
    "AC02": StatusReason("The bank does not know the account that we pay from."),
    "AC03": StatusReason("The bank does not know this account number.", payee=True),
    "AC04": StatusReason("This account is closed.", payee=True),
    "AC05": StatusReason("The account that we pay from is closed."),
    "AC06": StatusReason("This account is blocked.", payee=True),
    "AC07": StatusReason("This account is closed.", payee=True),
    "AC13": StatusReason("The account that we pay from is not of the right type."),
    "AC14": StatusReason("This account is not of a type that can be paid to.", payee=True),
    "AG01": StatusReason("This account cannot take payments of this kind.", payee=True),
    "AG02": StatusReason("Our file asks for something that the bank does not do."),
    "AM04": StatusReason("The account that we pay from had too little money."),
    "AM05": StatusReason("The bank has recorded this payment as a duplicate.", duplicate=True),
    "BE01": StatusReason("The name does not fit the account.", payee=True),
    "BE06": StatusReason("The bank does not know the holder of this account.", payee=True),
    "DU01": StatusReason("The bank has a file with this message id already.", duplicate=True),
    "DU02": StatusReason("The bank has a group of payments with this id already.", duplicate=True),
    "DU03": StatusReason("The bank has this transaction already.", duplicate=True),
    "DU04": StatusReason("The bank has a payment with this end-to-end id already.", duplicate=True),
    "DU05": StatusReason("The bank has an instruction with this id already.", duplicate=True),
    "DUPL": StatusReason("The bank has this payment already.", duplicate=True),
    "FF01": StatusReason("The bank could not read our file."),
    "MD07": StatusReason("The bank was told that the account holder has died."),
    "RC01": StatusReason("The bank does not know this sort code.", payee=True),
    "RC03": StatusReason("The bank does not know the sort code of the account that we pay from."),
    "RC04": StatusReason("The bank does not know this sort code.", payee=True),
}
"""The common status reasons of ISO 20022. Source: ExternalStatusReason1Code, external code sets of 2Q2026, v3."""


def explain(code: str) -> str:
    """Return the bank's reason code in plain words."""
    reason = STATUS_REASONS.get(code)
    return reason.text if reason else f"The bank gave the reason {code}."


def is_known(code: str) -> bool:
    """Return whether we know what this reason means."""
    return code.strip().upper() in STATUS_REASONS


def means_duplicate(code: str) -> bool:
    """Return whether this reason means that the bank has an earlier instruction, which may have been paid."""
    reason = STATUS_REASONS.get(code.strip().upper())
    return reason is not None and reason.duplicate


def concerns_payee(code: str | None) -> bool:
    """Return whether other bank details of the payee can mend this refusal, which an unknown code never says."""
    reason = STATUS_REASONS.get(code.strip().upper()) if code else None
    return reason is not None and reason.payee


def mentions_duplicate(text: str) -> bool:
    """Return whether a bank's own words say so (`Duplicate payment`), for reasons without a code."""
    return "duplic" in text.lower()
