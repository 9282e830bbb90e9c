"""When an assembly may be planned, when it opens, and when its places may be taken."""

from datetime import date

from services.engagement.meetings.assemblies.tables import Assembly, AssemblyMode
from shared.events.contracts.engagement import AssemblyPlanned, RegistrationOpened
from shared.events.contracts.funding import FundingRefused
from shared.problems import FieldError, Invalid, Problem


class AssemblyNotOpen(Problem):
    status = 409
    title = "Nobody can register for this assembly"
    detail = "Its money is not reserved yet. Try again later: registration opens by itself."


class AssemblyOver(Problem):
    status = 409
    title = "This assembly is over"
    detail = "Its day has passed. Look in the list for the next one."


class AssemblyFull(Problem):
    status = 409
    title = "This assembly is full"
    detail = "All places are taken. Look again in a few days: people sometimes give theirs back."


def check_plan(held_on: date, today: date, mode: AssemblyMode, place: str | None) -> None:
    """Raise Invalid for a day that has passed, and for a meeting in person without a place."""
    errors: list[FieldError] = []
    if held_on < today:
        errors.append(FieldError(pointer="/held_on", detail="This day has passed. Give a later one."))
    if mode == "in_person" and not place:
        errors.append(FieldError(pointer="/place", detail="Say where people meet, or hold it online."))
    if errors:
        raise Invalid(errors=errors)


def is_place_public(assembly: Assembly) -> bool:
    """Return whether everyone may read `place`. How an online meeting is joined is only for those who come."""
    return assembly.mode != "online" or assembly.place is None


def planned(assembly: Assembly) -> AssemblyPlanned:
    """Return the event by which the assembly asks for its money."""
    return AssemblyPlanned(
        assembly_id=assembly.id,
        topic_id=assembly.topic_id,
        held_on=assembly.held_on,
        places=assembly.places,
        expected_cost_pence=assembly.expected_cost_pence,
        scheme=assembly.scheme,
    )


def open_registration(assembly: Assembly) -> RegistrationOpened | None:
    """Open registration, since the money is reserved. Returns None where it was open already."""
    if assembly.status == "open":
        return None
    assembly.status, assembly.refusal = "open", None
    return RegistrationOpened(assembly_id=assembly.id)


def refuse(assembly: Assembly, refused: FundingRefused) -> None:
    """Refuse the assembly for want of money, with the reason in plain language. An open assembly stays open."""
    if assembly.status == "open":
        return
    assembly.status = "refused"
    assembly.refusal = explain_refusal(refused, assembly)


def explain_refusal(refused: FundingRefused, assembly: Assembly) -> str:
    """Return in plain language why there is no money, and what to do."""
    match refused.reason:
        case "scheme_unknown":
            return (
                f"There is no funding scheme called {assembly.scheme}. Plan the assembly again with one of /v1/schemes."
            )
        case "scheme_exhausted":
            return (
                f"The scheme {assembly.scheme} has {pounds(refused.available_pence)} left, and this assembly needs "
                f"{pounds(assembly.expected_cost_pence)}. Plan a smaller one, or use another scheme."
            )


def pounds(pence: int) -> str:
    """Format an amount, as in £1,234.50."""
    return f"£{pence // 100:,}.{pence % 100:02}"


def take_place(assembly: Assembly, today: date) -> None:
    """Take one of the places. Raises AssemblyNotOpen, AssemblyOver, AssemblyFull."""
    if assembly.status == "refused":
        raise AssemblyNotOpen(f"It will not take place as planned. {assembly.refusal}")
    if assembly.status != "open":
        raise AssemblyNotOpen
    if today > assembly.held_on:
        raise AssemblyOver
    if assembly.places_taken >= assembly.places:
        raise AssemblyFull
    assembly.places_taken += 1


def release_place(assembly: Assembly) -> None:
    """Give one place back."""
    assembly.places_taken -= 1
