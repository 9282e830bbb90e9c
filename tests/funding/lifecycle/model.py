"""What the README promises, in plain arithmetic: nothing of the service is used here. Amounts are pence."""

from dataclasses import dataclass, field
from uuid import UUID

DRAWN = ("submitted", "approved", "in_payment", "paid")
OWED = ("approved", "in_payment", "paid")
FILE_DOUBT = {"duplicate": ("pending",), "refused": ("pending", "paid"), "paid": ("pending", "refused")}
"""What a status of the whole file leaves in doubt: payments with these statuses."""
Terms = tuple[int, int] | None
"""Minutes and pence, or None for nothing."""


@dataclass(eq=False)
class ModelClaim:
    entitlement: "ModelEntitlement"
    id: str
    involvement: int
    travel: int
    status: str = "draft"
    attention: bool = False
    unclear: bool = False
    beyond: bool = False
    approved_by: UUID | None = None
    refused_details: int = 0
    payments: "list[ModelPayment]" = field(default_factory=list["ModelPayment"])

    @property
    def pence(self) -> int:
        return self.involvement + self.travel

    @property
    def payable(self) -> bool:
        """Whether its entitlement lets it be approved and paid."""
        of = self.entitlement
        exceeds = self.involvement > 0 and of.claimed > of.entitled
        return of.granted is not None and not of.in_question and not exceeds

    @property
    def doubtful(self) -> bool:
        return any(payment.doubt for payment in self.payments)

    @property
    def file_in_doubt(self) -> bool:
        return any(payment.status == "pending" and payment.run.file_in_doubt for payment in self.payments)

    @property
    def in_draft_run(self) -> bool:
        return any(payment.status == "pending" and payment.run.status == "draft" for payment in self.payments)

    @property
    def open(self) -> bool:
        return self.status in ("submitted", "approved", "in_payment")

    def awaits_person(self, details: int) -> bool:
        """Whether the bank's refusal waits for somebody: `details` counts the person's bank details."""
        return self.attention and not (
            self.status in ("approved", "in_payment") and not self.unclear and 0 < self.refused_details < details
        )


@dataclass(eq=False)
class ModelPayment:
    run: "ModelRun"
    claim: ModelClaim
    pence: int
    involvement: int
    status: str = "pending"
    doubt: str = ""
    approved_by: UUID | None = None
    details: int = 0
    resolved: bool = False


@dataclass(eq=False)
class ModelRun:
    id: str
    made_by: UUID
    released_by: UUID | None = None
    status: str = "draft"
    everyone: list[ModelPayment] = field(default_factory=list[ModelPayment])
    file: str = ""
    file_in_doubt: bool = False

    @property
    def payments(self) -> list[ModelPayment]:
        return [payment for payment in self.everyone if payment.status != "cancelled"]

    @property
    def parties(self) -> set[UUID | None]:
        payments = self.payments
        return {p.claim.entitlement.person for p in payments} | {p.approved_by for p in payments}

    @property
    def sent(self) -> bool:
        return self.status in ("released", "settled")

    @property
    def open(self) -> bool:
        """Whether somebody has something to resolve."""
        return self.sent and any(payment.doubt or payment.status == "pending" for payment in self.payments)


@dataclass(eq=False)
class ModelEntitlement:
    """`granted` and `recorded` are minutes, or None for nothing; `rank` is the order in which it was granted."""

    person: UUID
    assembly: "ModelAssembly"
    registration: UUID
    rank: int
    id: str = ""
    granted: int | None = None
    pence: int = 0
    highest: int = 0
    recorded: int | None = None
    due: int = 0
    in_question: bool = False
    recovered: int = 0
    written_off: int = 0
    recorders: set[UUID] = field(default_factory=set[UUID])
    claims: list[ModelClaim] = field(default_factory=list[ModelClaim])

    @property
    def entitled(self) -> int:
        return 0 if self.granted is None else self.pence

    @property
    def unclear(self) -> bool:
        """Whether one of its claims may have been paid: then nothing else of it is, before a person decides."""
        return any(claim.unclear for claim in self.claims)

    @property
    def drawn(self) -> list[ModelClaim]:
        return [claim for claim in self.claims if claim.status in DRAWN]

    @property
    def claimed(self) -> int:
        return sum(claim.involvement for claim in self.drawn) - self.recovered

    @property
    def remaining(self) -> int:
        return max(0, self.entitled - self.claimed)

    @property
    def paid(self) -> int:
        return sum(claim.involvement for claim in self.claims if claim.status == "paid") - self.recovered

    @property
    def overpaid(self) -> int:
        return max(0, self.paid - self.entitled) - self.written_off

    def travel_beside(self, claim: ModelClaim | None) -> int:
        return sum(
            other.travel for other in self.claims if other is not claim and (other.status in DRAWN or other.unclear)
        )

    def still_recovered(self, voided: int) -> int:
        """What stays recovered where a payment of so much turns out not to have taken place."""
        return min(self.recovered, self.paid + self.recovered - voided)

    @property
    def grant(self) -> Terms:
        return None if self.granted is None else (self.granted, self.pence)

    @property
    def record(self) -> Terms:
        return None if self.recorded is None else (self.recorded, self.due)

    def minutes(self, length: int) -> set[int]:
        return set(range(self.assembly.start, self.assembly.start + length))

    def recount(self) -> None:
        """Nothing can be written off that is not beyond the entitlement, nor recovered that was not paid."""
        if self.paid < 0:
            self.recovered += self.paid
        self.highest = max(self.highest, self.entitled)
        self.written_off = min(self.written_off, max(0, self.paid - self.entitled))


@dataclass(eq=False)
class ModelAssembly:
    """`set_aside` is what was reserved and extended, less what was released, since it was planned."""

    id: UUID
    start: int
    set_aside: int = 0
    has_scheme: bool = False
    entitlements: list[ModelEntitlement] = field(default_factory=list[ModelEntitlement])
    reservation: str = ""

    @property
    def claims(self) -> list[ModelClaim]:
        return [claim for entitlement in self.entitlements for claim in entitlement.claims]

    @property
    def approved(self) -> int:
        return sum(claim.pence for claim in self.claims if claim.status in OWED)

    @property
    def held(self) -> int:
        return sum(claim.pence for claim in self.claims if claim.status == "submitted" and not claim.beyond)

    @property
    def reserved(self) -> int:
        return self.set_aside - self.approved

    @property
    def free(self) -> int:
        return self.reserved - self.held


def apply(payment: ModelPayment, effect: str, *, account_refused: bool = False) -> None:
    """Let a report of the bank, or a person's word, take effect on a payment and its claim."""
    claim = payment.claim
    payment.doubt = effect if effect in ("duplicate", "contradiction") else ""
    if effect == "paid":
        payment.status = claim.status = "paid"
        claim.attention, claim.refused_details = False, 0
    elif effect == "refused":
        payment.status, claim.status, claim.attention = "refused", "approved", True
        claim.refused_details = payment.details if account_refused else 0
    claim.unclear = claim.doubtful
    if claim.unclear or claim.status != "approved":
        claim.attention = claim.unclear


def effect_of(payment: ModelPayment, reported: str) -> str:
    """Return what a report does to a payment, or an empty text for nothing."""
    if reported == "waiting":
        return ""
    if payment.status == "pending":
        return "" if reported == payment.doubt else reported
    if reported in ("duplicate", payment.status):
        return ""
    return "" if payment.doubt else "contradiction"


def close(run: ModelRun, *, file: str = "") -> None:
    """Settle the run once each payment has an outcome; keep what was reported of its file."""
    if file in FILE_DOUBT:
        run.file = file
    doubtful = [payment for payment in run.payments if payment.status in FILE_DOUBT.get(run.file, ())]
    unresolved = [payment for payment in doubtful if not payment.resolved]
    run.file_in_doubt = bool(doubtful) if file else run.file_in_doubt and bool(unresolved)
    if all(payment.status != "pending" for payment in run.payments):
        run.status = "settled"
