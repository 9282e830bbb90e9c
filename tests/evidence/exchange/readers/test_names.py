"""Names that formats leave to programs: suffixes, initials behind, and the order that a whole file shows."""

import pytest

from services.evidence.exchange.imports.part_reader import ImportPart, PartPosition
from services.evidence.exchange.imports.rules import problems
from services.evidence.exchange.readers.fields.name_order import NameSigns
from services.evidence.exchange.readers.fields.person_names import are_normal, normalize
from services.evidence.library.items.descriptions import Research
from shared.persistence.tables import new_id
from tests.evidence.exchange.file_reader import part_of, work_of


def ris(*records: list[str]) -> str:
    lines = ("".join(f"AU  - {name}\n" for name in names) for names in records)
    return "".join(f"TY  - JOUR\nTI  - Breaks {number}\n{line}ER  - \n" for number, line in enumerate(lines))


def authors_of(part: ImportPart) -> list[list[str]]:
    return [work.description.authors for work in part.works if isinstance(work.description, Research)]


def names_of(*records: list[str]) -> list[list[str]]:
    return authors_of(part_of(ris(*records)))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Okoro, Ada, Jr.", "Okoro, Ada, Jr."),
        ("Okoro, Jr., Ada", "Okoro, Ada, Jr."),
        ("Okoro Jr., Ada", "Okoro, Ada, Jr."),
        ("Okoro, Ada B. Jr", "Okoro, Ada B., Jr"),
        ("Okoro, Ada 3rd", "Okoro, Ada, 3rd"),
        ("Ada Okoro, Jr.", "Okoro, Ada, Jr."),
        ("Ada van der Okoro III", "van der Okoro, Ada, III"),
        ("Okoro AB Jr", "Okoro, AB, Jr"),
        ("Okoro,Ada,IV", "Okoro, Ada, IV"),
        ("Okoro, II", "Okoro, II"),
        ("Okoro, JR", "Okoro, JR"),
        ("Okoro A.", "Okoro, A."),
        ("van der Okoro A.-B. C.", "van der Okoro, A.-B. C."),
        ("Okoro,Ada", "Okoro, Ada"),
        ("Care Agency U.K.", "Care Agency U.K."),
        ("Department of Health, Social Care", "Department of Health, Social Care"),
        ("Age UK", "Age UK"),
        ("Age UK,", "Age UK"),
        ("Okoro, Ada,", "Okoro, Ada"),
        ("Department of Health,, Social Care", "Department of Health, Social Care"),
        ("Department of Health, Social Care,", "Department of Health, Social Care"),
    ],
)
def test_a_name_that_shows_what_it_is_is_written_surname_first_with_its_suffix_last(written: str, name: str) -> None:
    assert normalize(written) == name
    assert normalize(name) == name
    assert not are_normal([written]) or written == name


def test_a_suffix_is_last_in_every_format() -> None:
    expected = ["Okoro, Ada, Jr."]
    assert work_of(ris(["Okoro, Ada Jr."]))["authors"] == expected
    assert work_of("@book{a, title={Breaks}, author={Okoro, Jr., Ada}}")["authors"] == expected
    assert work_of("@book{a, title={Breaks}, author={Ada Okoro Jr.}}")["authors"] == expected
    assert work_of("PMID- 1\nTI  - Breaks\nFAU - Okoro, Ada Jr.\n")["authors"] == expected


def test_surnames_first_without_commas_are_told_by_the_file_as_a_whole() -> None:
    assert names_of(["Okoro Ada B"], ["Lind Bo", "van der Marsh Cy", "Breaks Group", "Age UK"]) == [
        ["Okoro, Ada B"],
        ["Lind, Bo", "van der Marsh, Cy", "Breaks Group", "Age UK"],
    ]
    assert names_of(["Okoro AB", "Lind BC"], ["Marsh Cy"]) == [["Okoro, AB", "Lind, BC"], ["Marsh, Cy"]]


def test_given_names_first_are_told_too() -> None:
    assert names_of(["Bo Lind"], ["Ada B Okoro", "Cy van der Marsh"]) == [
        ["Lind, Bo"],
        ["Okoro, Ada B", "van der Marsh, Cy"],
    ]


@pytest.mark.parametrize("names", [["Okoro Ada", "Lind Bo"], ["Okoro Ada B", "Bo C Lind"]], ids=["no sign", "both"])
def test_names_whose_order_nothing_shows_stay_and_are_counted(names: list[str]) -> None:
    part = part_of(ris([*names, "Marsh, Cy", "Ministry of Tides", "Okoro"]))
    assert authors_of(part)[0][:2] == names
    assert part.unclear_names == 2
    assert problems(None, 0, part.unclear_names)[0].startswith("2 names without a comma are kept as written")
    assert problems(None, 1, 1) == [
        "1 line that belonged to no record was skipped.",
        problems(None, 0, 1)[0],
    ]


def test_one_organisation_is_no_sign_among_many_names() -> None:
    places = [f"{first}{second}a {third}o" for first in "BDFGL" for second in "aeiou" for third in ("Min", "Ter")]
    part = part_of(ris(["Sea A", *places]))
    assert part.unclear_names == 51


def test_what_earlier_parts_showed_counts_in_the_next() -> None:
    text = ris(["Lind Bo"])
    position = PartPosition(new_id(), "ris", len(text), 0, 1, 0, NameSigns(surname_first=4, without_comma=5))
    part = part_of(text, position=position)
    assert authors_of(part) == [["Lind, Bo"]]
    assert part.next_position.signs == NameSigns(surname_first=4, without_comma=6)


def test_formats_that_say_where_the_surname_is_are_left_alone() -> None:
    assert work_of('[{"type": "book", "title": "Breaks", "author": [{"literal": "Okoro Ada B"}]}]')["authors"] == [
        "Okoro Ada B"
    ]
