"""What `impact story` prints can be copied from a narrow terminal, and says who can open each address."""

import io
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from deploy.cli.story import print_summary
from deploy.story.assembly import MINUTES, cost_lines, meeting_times
from deploy.story.event_counts import EventCounts
from deploy.story.narration import TerminalNarrator
from shared import clock


def narrow_console() -> Console:
    return Console(file=io.StringIO(), width=40, highlight=False)


def printed(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_no_command_is_broken_over_two_lines() -> None:
    console = narrow_console()
    print_summary(console, 8.64, EventCounts(Counter(), Counter()))
    blank, sign_in, duration, events = printed(console)
    assert not blank
    assert "`make links`" in sign_in
    assert duration == "The story took 8.6 s."
    assert events == "Events: 0 published, 0 handled, 0 lost, 0 doubled."


def test_an_address_says_who_can_open_it() -> None:
    console = narrow_console()
    narrator = TerminalNarrator("http://127.0.0.1:8000", console)
    narrator.report("The carer is paid", "/v1/claims/0190d3a0", reader="carer")
    narrator.report("The topics", "/v1/topics")
    assert printed(console) == [
        "  • The carer is paid",
        "    http://127.0.0.1:8000/v1/claims/0190d3a0  (carer)",
        "  • The topics",
        "    http://127.0.0.1:8000/v1/topics  (anyone)",
    ]


@given(st.datetimes(datetime(2026, 3, 1), datetime(2027, 4, 1), timezones=st.just(UTC)))  # noqa: DTZ001  given a zone
def test_at_any_hour_the_assembly_can_still_be_joined_and_once_brought_forward_has_ended(now: datetime) -> None:
    held_on, planned, actual = meeting_times(now)
    length = timedelta(minutes=MINUTES)
    assert clock.in_england(held_on, actual) + length <= now
    assert clock.in_england(held_on, planned) + length > now - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("pence", "kinds"),
    [(8_250, ["involvement_payment", "travel", "replacement_care"]), (0, ["travel", "replacement_care"])],
)
def test_told_again_within_hours_the_carer_claims_her_costs_alone(pence: int, kinds: list[str]) -> None:
    """Her two meetings take place at once, and are paid as one; a cost of nothing would be refused."""
    entitlement = {"amount": {"pence": pence, "currency": "GBP"}, "held_on": "2026-11-30"}
    assert [line["kind"] for line in cost_lines(entitlement)] == kinds
