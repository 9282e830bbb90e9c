"""A bank that keeps what it was instructed to pay and what it paid: what the ledger is compared with."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from lxml import etree as untyped

from deploy.demo import bank as demo

etree: Any = untyped
REFUSED_PROBABILITY, LOST_PROBABILITY, RETURNED_PROBABILITY = 0.15, 0.25, 0.1


class Instruction(NamedTuple):
    """A payment as a file instructs it."""

    pence: int
    account_number: str
    reference: str


Fate = Literal["settled", "refused", "returned"]


@dataclass
class SimulatedBank:
    """Pays each instruction of a file once, or refuses it, and returns some payments later.

    A file that is uploaded again is answered with a notice, and pays nothing.
    """

    chance: random.Random
    generous: bool = False
    instructions: dict[str, Instruction] = field(default_factory=dict[str, Instruction])
    fates: dict[str, Fate] = field(default_factory=dict[str, Fate])
    ever_settled: set[str] = field(default_factory=set[str])
    uploads: Counter[bytes] = field(default_factory=Counter[bytes])
    undelivered: list[bytes] = field(default_factory=list[bytes])
    """Messages that were lost or come later, such as that a payment was returned."""
    repeated_ids: int = 0

    def upload(self, file: bytes) -> list[bytes]:
        """Take a file. Returns the messages that come back at once: none, one, or several, some of them twice."""
        self.uploads[file] += 1
        if self.uploads[file] > 1:
            return [demo.duplicate_notice(file)]
        instructions = dict(_instructions(file))
        self.repeated_ids += len(instructions.keys() & self.instructions.keys())
        self.instructions |= instructions
        refused = {id for id in instructions if self._happens(REFUSED_PROBABILITY)}
        self.fates |= {id: "refused" if id in refused else "settled" for id in instructions}
        self.ever_settled |= instructions.keys() - refused
        report = demo.status_report(file, refused)
        returned = {id for id in instructions.keys() - refused if self._happens(RETURNED_PROBABILITY)}
        if returned:
            self.fates |= dict.fromkeys(returned, "returned")
            self.undelivered.append(demo.status_report(file, refused | returned))
        if self._happens(LOST_PROBABILITY):
            # The upload was cut as well: whoever repeats it has the notice alone.
            self.undelivered.insert(0, report)
            return [demo.duplicate_notice(file)] if self.chance.random() < 0.5 else []
        messages = [report, report] if self.chance.random() < 0.2 else [report]
        return [demo.duplicate_notice(file), *messages] if self.chance.random() < 0.2 else messages

    def late_message(self) -> bytes | None:
        """Return a message that has not been delivered, or None. Some are delivered twice."""
        if not self.undelivered:
            return None
        if self.chance.random() < 0.2:
            return self.undelivered[0]
        return self.undelivered.pop(0)

    def paid(self) -> dict[str, list[Instruction]]:
        """Return the instructions that were paid and not returned, by their reference."""
        paid: dict[str, list[Instruction]] = {}
        for id, fate in self.fates.items():
            if fate == "settled":
                paid.setdefault(self.instructions[id].reference, []).append(self.instructions[id])
        return paid

    def _happens(self, probability: float) -> bool:
        return not self.generous and self.chance.random() < probability


def _instructions(file: bytes) -> list[tuple[str, Instruction]]:
    document = etree.fromstring(file)
    return [
        (
            _text(transaction, "p:PmtId/p:EndToEndId"),
            Instruction(
                round(float(_text(transaction, "p:Amt/p:InstdAmt")) * 100),
                _text(transaction, "p:CdtrAcct/p:Id/p:Othr/p:Id"),
                _text(transaction, "p:RmtInf/p:Ustrd"),
            ),
        )
        for transaction in document.iterfind(".//p:CdtTrfTxInf", demo.PAIN001_NAMESPACES)
    ]


def _text(element: Any, path: str) -> str:
    return element.findtext(path, namespaces=demo.PAIN001_NAMESPACES)
