"""Fields of RIS where programs write them, beside where the standard does."""

import pytest

from tests.evidence.exchange.file_reader import work_of


def ris(fields: str, kind: str = "JOUR") -> str:
    return f"TY  - {kind}\nTI  - Breaks by the sea\n{fields}\nER  - \n"


@pytest.mark.parametrize(
    ("fields", "kind", "name", "value"),
    [
        ("C7  - 104501", "JOUR", "pages", "104501"),
        ("C7  - Art. No. e77", "JOUR", "pages", "e77"),
        ("AR  - 104", "JOUR", "pages", "104"),
        ("SP  - 3\nEP  - 9\nC7  - 104501", "JOUR", "pages", "3-9"),
        ("C7  - A second note", "JOUR", "pages", None),
        ("BT  - The shore", "CHAP", "published_in", "The shore"),
        ("BT  - The shore\nT2  - The coast", "CHAP", "published_in", "The coast"),
        ("C3  - Proceedings of tides", "CPAPER", "published_in", "Proceedings of tides"),
        ("C3  - A college\nJF  - Care Invented", "JOUR", "published_in", "Care Invented"),
        (
            "AB  - AIM: to ask.\nAB  - RESULT: rest.\nAB  - AIM: to ask.",
            "JOUR",
            "summary",
            "AIM: to ask.\nRESULT: rest.",
        ),
        ("AB  - \nN2  - Rest.", "JOUR", "summary", "Rest."),
        ("A1  - Okoro, A\nAU  - Lind, B\nA1  - Marsh, C", "JOUR", "authors", ["Okoro, A", "Lind, B", "Marsh, C"]),
        ("AU  - ['Okoro, A', 'Lind, B']", "JOUR", "authors", ["Okoro, A", "Lind, B"]),
        ("A1  - [\nA1  - '\nA1  - A\nA1  - \nA1  - B\nA1  - '\nA1  - ]", "JOUR", "authors", ["A B"]),
        ("AU  - Okoro, A; M&uuml;ller, B", "JOUR", "authors", ["Okoro, A", "Müller, B"]),
        ("KW  - breaks; sea; carers", "JOUR", "keywords", ["breaks", "sea", "carers"]),
        ("KW  - breaks, sea, carers", "JOUR", "keywords", ["breaks", "sea", "carers"]),
        ("KW  - breaks,sea", "JOUR", "keywords", ["breaks", "sea"]),
        ("KW  - Aged, 80 and over\nKW  - a, b, c", "JOUR", "keywords", ["Aged, 80 and over", "a, b, c"]),
        ("KW  - ['breaks', 'sea']", "JOUR", "keywords", ["breaks", "sea"]),
        ("ET  - Epub 2021/03/04", "JOUR", "published_on", "2021-03-04"),
        ("PY  - 2022\nET  - 2021/03/04", "JOUR", "published_on", "2022"),
    ],
)
def test_a_value_is_found_where_programs_write_it(fields: str, kind: str, name: str, value: object) -> None:
    assert work_of(ris(fields, kind)).get(name) == value


def test_placeholders_are_no_values() -> None:
    fields = "VL  - None\nIS  - NA\nSP  - None\nEP  - nan\nAB  - null\nAU  - nan\nPB  - N/A\nKW  - None\nJO  - NA\n"
    assert work_of(ris(f"{fields}JF  - Care")) == {
        "title": "Breaks by the sea",
        "kind": "journal_article",
        "published_in": "Care",
    }
    early = work_of(ris("VL  - ahead-of-print\nIS  - Online First\nSP  - No\nEP  - Specified\nAU  - Na, Ki"))
    assert early == {"title": "Breaks by the sea", "kind": "journal_article", "authors": ["Na, Ki"]}


@pytest.mark.parametrize(
    ("fields", "identifiers"),
    [
        ("M3  - doi: 10.5555/a", ["doi:10.5555/a"]),
        ("L3  - 10.5555/a", ["doi:10.5555/a"]),
        ("L3  - https://doi.org/10.5555/a", ["doi:10.5555/a"]),
        ("N1  - A note\nN1  - doi:10.5555/a", ["doi:10.5555/a"]),
        ("N1  - Erratum in: Care, doi: 10.5555/other", None),
        ("DO  - None\nM3  - 10.5555/a", ["doi:10.5555/a"]),
        ("DO  - 10.5555/a\nM3  - 10.5555/b", ["doi:10.5555/a"]),
        ("UR  - https://journals.example.org/doi/full/10.5555/a?x=1", ["doi:10.5555/a"]),
        ("UR  - https://journals.example.org/article/10.5555/a/fulltext.html", ["doi:10.5555/a"]),
        ("UR  - PM:90000007", ["pmid:90000007"]),
        ("N1  - PMID: 90000007\nC2  - PMC9000001", ["pmid:90000007", "pmcid:PMC9000001"]),
        (
            "N1  - PMID: 90000007; PMCID: PMC9000001; doi: 10.5555/a",
            ["doi:10.5555/a", "pmid:90000007", "pmcid:PMC9000001"],
        ),
        ("N1  - DOI: 10.5555/a, PMID: 90000007", ["doi:10.5555/a", "pmid:90000007"]),
        ("N1  - Comment on PMID: 90000007", None),
        ("N1  - Comment on PMID: 90000007; doi: 10.5555/other", None),
        ("U2  - L600000001\nC5  - 90000007", ["pmid:90000007"]),
        ("C5  - 90000007", None),
    ],
)
def test_identifiers_are_found_in_other_fields_and_those_of_other_works_are_not(
    fields: str, identifiers: list[str] | None
) -> None:
    assert work_of(ris(fields)).get("identifiers") == identifiers
