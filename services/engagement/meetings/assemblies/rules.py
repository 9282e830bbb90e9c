"""When an assembly may be planned, when it opens, and when its places may be taken."""

from datetime import date, datetime, timedelta

from services.engagement.meetings.assemblies.tables import Assembly
from shared import clock
from shared.events.contracts.engagement import AssemblyPlanned, RegistrationOpened
from shared.events.contracts.funding import FundingRefused
from shared.problems import FieldError, Invalid, Problem

MAX_DAYS_AHEAD = 3 * 365
"""How far ahead an assembly may be planned: nobody plans further, and a year with a digit too many is refused."""


LOOK_FOR_OTHERS = "Look in the list for another one (/v1/assemblies?status=open&upcoming=true)."


class AssemblyNotOpen(Problem):
    status = 409
    title = "Nobody can register for this assembly"
    detail = "Its money is not reserved yet. Try again later: registration opens by itself."


class AssemblyOver(Problem):
    status = 409
    title = "This assembly is over"
    detail = f"It has ended. {LOOK_FOR_OTHERS}"


class AssemblyFull(Problem):
    status = 409
    title = "This assembly is full"
    detail = f"All places are taken. People sometimes give theirs back: try again in a few days. {LOOK_FOR_OTHERS}"


def ends_at(assembly: Assembly) -> datetime:
    """Return the moment, in UTC, at which the assembly ends."""
    return clock.in_england(assembly.held_on, assembly.starts_at) + timedelta(minutes=assembly.minutes)


def has_ended(assembly: Assembly, now: datetime) -> bool:
    """Return whether the assembly is over: from then on attendance is recorded, and nobody registers any more."""
    return ends_at(assembly) <= now


def check_plan(assembly: Assembly, now: datetime) -> None:
    """Raise Invalid for an assembly that has ended, is too far ahead, or is in person without a place."""
    errors = [*_errors_of_day(assembly, now), *_errors_of_place(assembly)]
    if errors:
        raise Invalid(errors=errors)


def check_new_time(assembly: Assembly, now: datetime) -> None:
    """Raise Invalid for a time by which the assembly would be over: people would be paid for it at once."""
    if has_ended(assembly, now):
        raise Invalid(errors=[FieldError(pointer="/starts_at", detail="This time has passed. Give a later one.")])


def check_change(assembly: Assembly) -> None:
    """Raise Invalid where a change leaves a meeting in person without a place."""
    if errors := _errors_of_place(assembly):
        raise Invalid(errors=errors)


def check_time_may_change(assembly: Assembly, now: datetime) -> None:
    """Raise Invalid once the assembly has ended: what people are paid may follow from its time."""
    if has_ended(assembly, now):
        detail = "The assembly has ended, and people are paid by its time. Leave the time out, and change the rest."
        raise Invalid(errors=[FieldError(pointer="/starts_at", detail=detail)])


def _errors_of_day(assembly: Assembly, now: datetime) -> list[FieldError]:
    latest = now.astimezone(clock.LONDON).date() + timedelta(days=MAX_DAYS_AHEAD)
    if assembly.held_on > latest:
        detail = f"Assemblies are planned at most {MAX_DAYS_AHEAD} days ahead. Give a day up to {in_words(latest)}."
        return [FieldError(pointer="/held_on", detail=detail)]
    if has_ended(assembly, now):
        return [FieldError(pointer="/held_on", detail="This time has passed. Give a later one.")]
    return []


def _errors_of_place(assembly: Assembly) -> list[FieldError]:
    if assembly.mode == "in_person" and not assembly.place:
        return [FieldError(pointer="/place", detail="Say where people meet, or hold it online.")]
    return []


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
    if refused.programme_starts_on and refused.programme_ends_on:
        return (
            f"The programme pays for {in_words(refused.programme_starts_on)} to {in_words(refused.programme_ends_on)}, "
            f"and not for {in_words(assembly.held_on)}. Plan the assembly again on a day between these."
        )
    match refused.reason:
        case "scheme_unknown":
            return (
                f"There is no funding scheme called {assembly.scheme}. Plan the assembly again with one of /v1/schemes."
            )
        case "scheme_exhausted":
            return (
                f"The scheme {assembly.scheme} has less left than the {pounds(assembly.expected_cost_pence)} that this "
                "assembly needs. Ask a funding officer to raise its cap, or plan again with another scheme, or a "
                "smaller one if enough is left: staff read that at /v1/schemes."
            )


def pounds(pence: int) -> str:
    """Format an amount, as in £1,234.50."""
    return f"£{pence // 100:,}.{pence % 100:02}"


def in_words(day: date) -> str:
    """Format a day, as in 21 April 2027."""
    return f"{day.day} {day:%B %Y}"


def end_in_words(assembly: Assembly) -> str:
    """Return when the assembly ends, as in "21 April 2027 at 13:30"."""
    end = ends_at(assembly).astimezone(clock.LONDON)
    return f"{in_words(end)} at {end:%H:%M}"


def take_place(assembly: Assembly, now: datetime) -> None:
    """Take one of the places, until the assembly ends. Raises AssemblyNotOpen, AssemblyOver, AssemblyFull."""
    if assembly.status == "refused":
        raise AssemblyNotOpen(f"It will not take place as planned. {assembly.refusal} {LOOK_FOR_OTHERS}")
    if assembly.status != "open":
        raise AssemblyNotOpen
    if has_ended(assembly, now):
        raise AssemblyOver(f"It ended on {end_in_words(assembly)}. {LOOK_FOR_OTHERS}")
    if assembly.places_taken >= assembly.places:
        raise AssemblyFull
    assembly.places_taken += 1


def release_place(assembly: Assembly) -> None:
    """Give one place back."""
    assembly.places_taken -= 1
