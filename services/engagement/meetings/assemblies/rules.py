"""When an assembly opens, and who finds a place."""

from datetime import date

from services.engagement.meetings.assemblies.tables import Assembly
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
    detail = "All places are taken. Look again in some days, as people sometimes give theirs back."


def check_plan(held_on: date, today: date, mode: str, place: str | None) -> None:
    """Raises Invalid for a day that has passed, or a meeting in person without a place."""
    errors: list[FieldError] = []
    if held_on < today:
        errors.append(FieldError(pointer="/held_on", detail="This day has passed. Give a later one."))
    if mode == "in_person" and not place:
        errors.append(FieldError(pointer="/place", detail="Say where people meet, or hold it online."))
    if errors:
        raise Invalid(errors=errors)


def place_is_public(assembly: Assembly) -> bool:
    """Where people meet is for everyone; how a meeting online is joined is for those who come."""
    return assembly.mode != "online" or assembly.place is None


def planned(assembly: Assembly) -> AssemblyPlanned:
    return AssemblyPlanned(
        assembly_id=assembly.id,
        topic_id=assembly.topic_id,
        held_on=assembly.held_on,
        places=assembly.places,
        expected_cost_pence=assembly.expected_cost_pence,
        scheme=assembly.scheme,
    )


def open_registration(assembly: Assembly) -> RegistrationOpened | None:
    """The money is there. None when registration was open already."""
    if assembly.status == "open":
        return None
    assembly.status, assembly.refusal = "open", None
    return RegistrationOpened(assembly_id=assembly.id)


def refuse(assembly: Assembly, refused: FundingRefused) -> None:
    """There is no money, and the reason is told in plain words. An assembly that is open stays so."""
    if assembly.status == "open":
        return
    assembly.status = "refused"
    assembly.refusal = refusal_in_words(refused, assembly)


def refusal_in_words(refused: FundingRefused, assembly: Assembly) -> str:
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
    return f"£{pence // 100:,}.{pence % 100:02}"


def take_place(assembly: Assembly, today: date) -> None:
    """One more person comes. Raises AssemblyNotOpen, AssemblyOver, AssemblyFull."""
    if assembly.status == "refused":
        raise AssemblyNotOpen(f"It will not take place as planned. {assembly.refusal}")
    if assembly.status != "open":
        raise AssemblyNotOpen
    if today > assembly.held_on:
        raise AssemblyOver
    if assembly.places_taken >= assembly.places:
        raise AssemblyFull
    assembly.places_taken += 1


def give_place_back(assembly: Assembly) -> None:
    assembly.places_taken -= 1
