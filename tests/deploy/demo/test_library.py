"""What the files of the demo library hold, and where the library is left out. It is planted in tests/journeys."""

from collections import Counter
from collections.abc import Iterator

import orjson
import pytest

from deploy.cli import up
from deploy.cli.personas import has_library
from deploy.demo.library import contents
from deploy.demo.library.items import studies_file
from deploy.demo.library.voices import answers
from deploy.processes import with_choice_of_library
from deploy.story.people import TOPICS
from services.evidence.library.appraisals.instruments import INSTRUMENTS
from shared.events.contracts.evidence import WayOfKnowing

ITEM_FILES: dict[str, WayOfKnowing] = {
    "studies": "research",
    "accounts": "lived_experience",
    "practice": "practice_knowledge",
}
ITEMS = [entry for name in ITEM_FILES for entry in contents.entries(name)]


def test_its_topics_are_the_four_priorities_under_the_names_of_the_story() -> None:
    assert tuple(topic["name"] for topic in contents.entries("topics")) == TOPICS


def test_each_topic_has_items_of_each_way_of_knowing_and_each_nation_is_there() -> None:
    assert 40 <= len(ITEMS) <= 60
    for name in ITEM_FILES:
        counts = Counter(topic for entry in contents.entries(name) for topic in entry["topics"])
        assert set(counts) == {topic["key"] for topic in contents.entries("topics")}
    assert {"GB-ENG", "GB-WLS", "GB-SCT", "GB-NIR"} <= {entry["country"] for entry in ITEMS}
    assert {entry.get("language", "en") for entry in ITEMS} == {"en", "cy"}


def test_what_is_referred_to_is_there_and_no_key_or_title_comes_twice() -> None:
    publications = [entry for name in ("guides", "questions", "learning") for entry in contents.entries(name)]
    entries = [*ITEMS, *publications]
    keys = Counter(entry["key"] for entry in entries)
    titles = Counter(entry.get("title") or entry["question"] for entry in entries)
    assert not [text for text, number in (keys + titles).items() if number > 1]
    references = {key for entry in publications for key in _references(entry)}
    references |= {entry["of"] for name in ("renditions", "transferability") for entry in contents.entries(name)}
    references |= {entry["item"] for entry in contents.entries("appraisals")}
    references |= {entry["item"] for entry in contents.document("notices").values()}
    assert references <= set(keys)


def _references(entry: contents.Entry) -> Iterator[str]:
    """Yield the keys of the items and guides that an entry names, also in its parts."""
    for name, value in entry.items():
        if name in ("items", "guides"):
            yield from value
        elif name == "item":
            yield value
        elif name in ("answer", "statements", "citations"):
            parts: list[contents.Entry] = [value] if name == "answer" else value
            for part in parts:
                yield from _references(part)


def test_every_instrument_is_used_and_two_appraisals_begin_with_a_difference() -> None:
    appraisals = contents.entries("appraisals")
    assert {entry["instrument"] for entry in appraisals} == set(INSTRUMENTS)
    for entry in appraisals:
        assert len(entry["first"].split()) == len(INSTRUMENTS[entry["instrument"]].criteria)
    differing = [entry for entry in appraisals if entry["first"] != entry["second"]]
    assert [("settled" in entry) for entry in differing] == [True, False]


def test_studies_leave_the_library_as_invented_ones() -> None:
    for record in orjson.loads(studies_file()):
        item = record["custom"]["impact"]
        assert item["summary"].endswith(contents.NOTES[item.get("language", "en")])
        assert item["details"]["publisher"] == contents.PUBLISHER
        [doi] = item["details"]["identifiers"]
        assert doi["value"].startswith("10.5555/")


def test_whoever_answers_does_so_alike_in_each_library() -> None:
    asked = contents.document("survey")
    assert min(group["answers"] for group in asked["groups"].values()) >= 20, "fewer are not shown"
    person = answers("unpaid_carers 7", "carers", asked["comments"])
    assert person == answers("unpaid_carers 7", "carers", asked["comments"])
    assert sorted(person["order"]) == sorted(person["urgency"])


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"DEMO": "true"}, True),
        ({"DEMO": "empty"}, False),
        ({"DEMO": "Empty"}, False),
        ({"DEMO": "true", "DEMO_LIBRARY": "empty"}, False),
        ({"DEMO": "true", "DEMO_LIBRARY": ""}, True),
        ({"DEMO": "false"}, False),
        ({"DEMO": "true", "OIDC_ISSUER": "https://issuer.example"}, False),
    ],
)
def test_the_library_belongs_to_a_demo_that_is_not_to_be_empty(env: dict[str, str], expected: bool) -> None:
    assert has_library(with_choice_of_library(env)) is expected


def test_an_empty_demo_is_a_demo_like_any_other_to_its_processes() -> None:
    assert with_choice_of_library({"DEMO": "empty", "PORT": "1"})["DEMO"] == "true"


def test_other_commands_learn_from_the_running_platform_that_its_demo_is_empty() -> None:
    settings = up.shared_settings({"gateway": with_choice_of_library({"DEMO": "empty"})})
    assert settings["DEMO"] == "true"
    assert not has_library(settings)
